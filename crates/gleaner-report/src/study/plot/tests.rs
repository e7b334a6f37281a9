use super::*;
use crate::study::example::{hostile, large, study};
use crate::study::{Curve, CurvePoint};
use roxmltree::Document;
use std::collections::BTreeSet;

fn parsed(plot: &Plot) -> Document<'_> {
    Document::parse(&plot.svg).unwrap_or_else(|error| panic!("{}: {error}", plot.name))
}

#[test]
fn drawings_are_well_formed_and_have_alternative_text() {
    for data in [StudyData::default(), study(), large(), hostile()] {
        for plot in plots(&data) {
            let document = parsed(&plot);
            let svg = document.root_element();
            assert_eq!(svg.attribute("role"), Some("img"));
            let ids = svg.attribute("aria-labelledby").unwrap().split(' ');
            let texts: Vec<&str> = ids
                .map(|id| svg.children().find(|child| child.attribute("id") == Some(id)).unwrap())
                .map(|element| element.text().unwrap())
                .collect();
            assert_eq!(texts, [visible(&plot.title), visible(&plot.alt)]);
        }
    }
}

#[test]
fn names_are_file_stems_and_differ() {
    for data in [large(), hostile()] {
        let plots = plots(&data);
        let names: BTreeSet<&str> = plots.iter().map(|plot| plot.name.as_str()).collect();
        assert_eq!(names.len(), plots.len());
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(names.iter().all(|name| name.len() < 80 && name.chars().all(plain)), "{names:?}");
    }
}

#[test]
fn every_number_is_finite_and_within_the_drawing() {
    for data in [large(), hostile()] {
        for plot in plots(&data) {
            let document = parsed(&plot);
            let size = document.root_element().attribute("viewBox").unwrap();
            let size: Vec<f64> = size.split(' ').map(|part| part.parse().unwrap()).collect();
            for element in document.descendants().filter(|node| node.is_element()) {
                for name in ["x", "x1", "x2", "cx"] {
                    let Some(value) = element.attribute(name) else { continue };
                    let value: f64 = value.parse().unwrap();
                    assert!(
                        (-0.1..=size[2] + 0.1).contains(&value),
                        "{} {name} {value}",
                        plot.name
                    );
                }
                for name in ["y", "y1", "y2", "cy"] {
                    let Some(value) = element.attribute(name) else { continue };
                    let value: f64 = value.parse().unwrap();
                    assert!(
                        (-0.1..=size[3] + 0.1).contains(&value),
                        "{} {name} {value}",
                        plot.name
                    );
                }
                for name in ["width", "height"] {
                    let Some(value) = element.attribute(name).filter(|value| *value != "100%")
                    else {
                        continue;
                    };
                    assert!(
                        value.parse::<f64>().is_ok_and(|value| value >= 0.0),
                        "{} {value}",
                        plot.name
                    );
                }
                let path = element.attribute("d").unwrap_or_default();
                assert!(!path.contains("NaN") && !path.contains("inf"), "{}: {path}", plot.name);
            }
        }
    }
}

#[test]
fn one_point_is_drawn() {
    let study = study();
    let mut data = StudyData::default();
    data.transfer.extend_from_slice(&study.transfer[..1]);
    data.pseudo.extend_from_slice(&study.pseudo[..1]);
    data.baseline.extend_from_slice(&study.baseline[..1]);
    let points = study.curves[0].points[..1].to_vec();
    data.curves.push(Curve { run: "one".to_owned(), language: "fo".to_owned(), points });
    let plots = plots(&data);
    assert_eq!(plots.len(), 15);
    for plot in plots {
        let document = parsed(&plot);
        let marks = ["path", "rect"].map(|tag| {
            document
                .descendants()
                .filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", tag)))
                .count()
        });
        assert!(marks[0] > 0 || marks[1] > 3, "{}: {marks:?}", plot.name);
    }
}

#[test]
fn a_run_without_epochs_and_a_table_without_types_have_messages() {
    let mut data = StudyData::default();
    let point = CurvePoint {
        epoch: 3,
        train_loss: f64::NAN,
        dev_loss: f64::NAN,
        dev_entity: f64::NAN,
        dev_published: f64::INFINITY,
        added: 0,
    };
    for points in [Vec::new(), vec![point]] {
        data.curves.push(Curve { run: "run".to_owned(), language: "fo".to_owned(), points });
    }
    let mut table = study().confusions.swap_remove(0);
    (table.types, table.counts, table.spurious) = (Vec::new(), Vec::new(), Vec::new());
    data.confusions.push(table);
    let alts: Vec<String> = plots(&data).into_iter().map(|plot| plot.alt).collect();
    insta::assert_snapshot!(alts.join("\n"));
}

#[test]
fn messages_have_their_numbers() {
    let messages: Vec<String> = plots(&study())
        .into_iter()
        .map(|plot| format!("{}\n{}\n{}", plot.name, plot.title, plot.alt))
        .collect();
    insta::assert_snapshot!(messages.join("\n\n"));
}

#[test]
fn the_same_data_give_the_same_drawings() {
    assert_eq!(plots(&large()), plots(&large()));
}
