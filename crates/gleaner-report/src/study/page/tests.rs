use scraper::{ElementRef, Html, Selector};

use super::*;
use crate::study::example::{hostile, large, study};
use crate::study::{Curve, TransferKind};

fn parsed(data: &StudyData) -> Html {
    let page = Html::parse_document(&html(data));
    assert_eq!(page.errors, Vec::<String>::new());
    page
}

fn all<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn count(page: &Html, selector: &str) -> usize {
    all(page, selector).len()
}

#[test]
fn pages_are_well_formed() {
    for data in [StudyData::default(), study(), large(), hostile()] {
        let page = parsed(&data);
        assert_eq!(count(&page, "h1"), 1);
        assert_eq!(count(&page, "figure svg[role=img]"), plot::plots(&data).len());
    }
}

#[test]
fn nothing_is_fetched_and_nothing_runs() {
    for data in [large(), hostile()] {
        let page = parsed(&data);
        assert_eq!(count(&page, "script, link, img, iframe, object, embed, [src], base"), 0);
        for link in all(&page, "[href]") {
            assert!(link.value().attr("href").unwrap().starts_with('#'));
        }
        let scripted = |name: &str| name.starts_with("on");
        for element in page.root_element().descendent_elements() {
            assert!(!element.value().attrs().any(|(name, _)| scripted(name)));
        }
        assert_eq!(count(&page, "style"), 1, "the style sheet is closed by itself alone");
    }
}

#[test]
fn names_are_shown_as_they_are() {
    let data = hostile();
    let page = parsed(&data);
    let title = all(&page, "h1")[0];
    let shown: String = title.text().collect();
    assert!(shown.starts_with(&data.title[..60]), "{shown}");
    assert!(!html(&data).contains('\u{1b}'));
}

#[test]
fn the_unknown_is_a_dash() {
    for data in [hostile(), large()] {
        let text = html(&data);
        let data_of_paths = text.split("d=\"").skip(1).filter_map(|rest| rest.split('"').next());
        assert!(
            data_of_paths.into_iter().all(|path| !path.contains("NaN") && !path.contains("inf"))
        );
        let page = parsed(&data);
        for cell in all(&page, "td:not(.text), text") {
            let text: String = cell.text().collect();
            assert!(!["NaN", "inf", "-inf"].contains(&text.as_str()), "{text}");
        }
    }
}

#[test]
fn ids_are_unique_and_labels_point_to_them() {
    let page = parsed(&hostile());
    let ids = all(&page, "[id]");
    let ids: Vec<&str> = ids.iter().filter_map(|element| element.value().attr("id")).collect();
    let unique: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len());
    for element in all(&page, "[aria-labelledby]") {
        for id in element.value().attr("aria-labelledby").unwrap().split(' ') {
            assert!(unique.contains(id), "{id}");
        }
    }
}

#[test]
fn parts_without_data_say_what_would_fill_them() {
    let page = parsed(&StudyData::default());
    let absent = all(&page, "p.absent");
    let absent: Vec<String> = absent.iter().map(|line| line.text().collect()).collect();
    insta::assert_snapshot!(absent.join("\n"));
    assert_eq!(count(&page, "section"), 0);
    let full = parsed(&study());
    assert_eq!((count(&full, "section"), count(&full, "p.absent")), (13, 0));
}

#[test]
fn a_part_appears_with_its_first_row() {
    let mut data = StudyData::default();
    data.transfer.push(study().transfer.swap_remove(0));
    data.curves.push(Curve { run: "a".to_owned(), language: "b".to_owned(), points: Vec::new() });
    let page = parsed(&data);
    assert_eq!(count(&page, "section"), 2);
    assert_eq!(count(&page, "#transfer h3"), 1);
    assert_eq!(data.transfer[0].kind, TransferKind::FineTuned);
}

#[test]
fn the_same_data_give_the_same_page() {
    assert_eq!(html(&large()), html(&large()));
}

#[test]
fn tables_in_full() {
    let text = html(&study());
    let start = text.find("<p class=\"caption\">").unwrap();
    let end = start + text[start..].find("</div>").unwrap();
    insta::assert_snapshot!(text[start..end].replace("<tr>", "\n<tr>"));
}
