//! Orders of annotation: entity F1 by number of training sentences, a small frame for each language, all with the same
//! axes.

use super::Plot;
use super::drawing::{Frame, Sheet, Swatch, fit};
use super::lines::path;
use super::scale::Scale;
use super::style::{INK, Shape, colour, points, shape};
use crate::study::spread::{mean, usable};
use crate::study::{AnnotationRow, distinct};

/// The plot of all languages, under this name.
pub(crate) fn annotation(name: &str, rows: &[AnnotationRow]) -> Plot {
    let title = "Entity F1 by number of annotated sentences".to_owned();
    let mut sheet = Sheet::new(name.to_owned(), title);
    let orders = distinct(rows.iter().map(|row| row.order.as_str()));
    let styles: Vec<Style> = (0..orders.len()).map(Style::of).collect();
    let swatch = |(style, order): (&Style, &&str)| {
        (Swatch::Point(style.shape, style.colour), (*order).to_owned())
    };
    sheet.legend(&styles.iter().zip(&orders).map(swatch).collect::<Vec<_>>());
    let all: Vec<(f64, f64)> = rows.iter().flat_map(means).collect();
    let vertical = Scale::covering(all.iter().map(|p| p.1), 4);
    let horizontal = Scale::whole(all.iter().map(|p| p.0).chain([0.0]), 3);
    let languages = distinct(rows.iter().map(|row| row.language.as_str()));
    for pair in languages.chunks(2) {
        for (frame, language) in sheet.frames(110.0).into_iter().zip(pair) {
            let (x, y) = axes(&mut sheet, frame, language, (&horizontal, &vertical));
            for row in rows.iter().filter(|row| row.language == *language) {
                let place = |(n, f1): (f64, f64)| (x.at(n), y.at(f1));
                let places: Vec<(f64, f64)> = means(row).map(place).collect();
                let at = orders.iter().position(|order| *order == row.order).unwrap_or(0);
                let Style { shape, colour, dash } = styles[at];
                sheet.add(path(&places, colour, dash));
                sheet.add(points(&places, shape, 2.2, colour));
            }
        }
    }
    let compared = rows.iter().filter(|row| row.is_compared());
    let results: Vec<String> =
        compared.map(|row| format!("{}, {}: {}", row.language, row.order, row.result())).collect();
    sheet.finish(format!(
        "Entity F1 on test by number of annotated sentences and their order, means of seeds. {}",
        results.join(" ")
    ))
}

/// How an order is drawn.
#[derive(Clone, Copy)]
struct Style {
    shape: Shape,
    colour: &'static str,
    dash: &'static str,
}

impl Style {
    /// The style of the order at a position. The first, random order, is the reference.
    fn of(at: usize) -> Self {
        match at.checked_sub(1) {
            None => Self { shape: Shape::Pill, colour: INK, dash: "5 3" },
            Some(series) => Self { shape: shape(series), colour: colour(series), dash: "" },
        }
    }
}

/// The number of sentences and the mean F1 of every point.
fn means(row: &AnnotationRow) -> impl Iterator<Item = (f64, f64)> {
    let point = row.points.iter().map(|p| (p.sentences, mean(p.entity.iter().copied())));
    point.filter(|p| usable(p.0) && usable(p.1))
}

fn axes(
    sheet: &mut Sheet,
    frame: Frame,
    language: &str,
    (horizontal, vertical): (&Scale, &Scale),
) -> (Scale, Scale) {
    let heading = fit(language, frame.right - frame.left, 11.0);
    let (y, axis) = frame.vertical(vertical.clone(), &heading);
    sheet.add(axis);
    let (x, axis) = frame.horizontal(horizontal.clone(), "annotated sentences");
    sheet.add(axis);
    (x, y)
}
