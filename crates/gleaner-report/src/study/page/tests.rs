use super::*;
use crate::study::example::{hostile, large, study};
use crate::study::{Curve, TransferKind};
use scraper::{ElementRef, Html, Selector};

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
        assert_eq!(count(&page, "style"), 1, "only the page closes its style sheet");
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
fn unknown_numbers_are_a_dash() {
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
fn the_page_opens_with_answers_and_one_plot_and_folds_the_rest() {
    for data in [study(), large(), hostile()] {
        let page = parsed(&data);
        let main = all(&page, "main > *");
        assert_eq!(main[0].value().attr("class"), Some("answers"));
        assert!(main[1..].iter().all(|part| part.value().name() == "details"));
        assert_eq!(count(&page, "details[open]"), 0);
        assert_eq!(count(&page, ".answers li"), answers(&data).len());
        assert_eq!(count(&page, ".answers figure"), 1);
    }
}

#[test]
fn every_wide_table_has_a_scroll_box() {
    let page = parsed(&large());
    assert_eq!(count(&page, "table"), count(&page, ".scroll > table"));
}

#[test]
fn parts_without_data_say_what_would_fill_them() {
    let page = parsed(&StudyData::default());
    let absent = all(&page, "p.absent");
    let absent: Vec<String> = absent.iter().map(|line| line.text().collect()).collect();
    insta::assert_snapshot!(absent.join("\n"));
    assert_eq!(count(&page, "details.part"), 1);
    let full = parsed(&study());
    assert_eq!((count(&full, "details.part"), count(&full, "p.absent")), (14, 0));
}

#[test]
fn a_part_appears_with_its_first_row() {
    let mut data = StudyData::default();
    data.transfer.push(study().transfer.swap_remove(0));
    data.curves.push(Curve { run: "a".to_owned(), language: "b".to_owned(), points: Vec::new() });
    let page = parsed(&data);
    assert_eq!(count(&page, "details.part[id]"), 2);
    assert_eq!(count(&page, "#transfer h3"), 1);
    assert_eq!(data.transfer[0].kind, TransferKind::FineTuned);
}

#[test]
fn the_best_of_a_sweep_is_exploratory_and_has_no_verdict() {
    let data = large();
    let page = parsed(&data);
    let transfer = all(&page, "#transfer")[0].html();
    assert!(transfer.contains("best of 23 settings on test, exploratory"));
    assert!(!transfer.contains("significant"));
    let summary = crate::study::tables::summary_markdown(&data);
    assert!(summary.contains("best of 18 settings on test, exploratory"), "{summary}");
    for plot in plot::plots(&data).iter().filter(|plot| plot.alt.contains("Best of")) {
        assert!(!plot.alt.contains("significant"), "{}", plot.alt);
    }
}

#[test]
fn no_report_calls_a_gain_real() {
    let data = study();
    let texts = [html(&data), crate::study::tables::summary_markdown(&data)];
    assert!(texts.iter().all(|text| !text.contains("real")));
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
