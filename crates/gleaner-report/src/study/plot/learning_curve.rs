//! Learning curves: entity F1 by number of training sentences, a small frame for each language, all with the same axes.

use super::Plot;
use super::drawing::{Frame, Sheet, Swatch, fit};
use super::lines::path;
use super::scale::Scale;
use super::style::{BLUE, SKY, Shape, VERMILLION, points};
use crate::study::LearningCurveRow;
use crate::study::spread::{mean, usable};

/// Points of a fitted curve.
const STEPS: usize = 40;

/// The plot of all languages, under this name.
pub(crate) fn learning_curves(name: &str, rows: &[LearningCurveRow]) -> Plot {
    let title = "Entity F1 by number of training sentences".to_owned();
    let mut sheet = Sheet::new(name.to_owned(), title);
    sheet.legend(&[
        (Swatch::Point(Shape::Circle, SKY), "a seed".to_owned()),
        (Swatch::Point(Shape::Diamond, BLUE), "mean of seeds".to_owned()),
        (Swatch::Line(VERMILLION, "5 3"), "fitted curve".to_owned()),
    ]);
    let all: Vec<(f64, f64)> = rows.iter().flat_map(|row| seeds(row).chain(fitted(row))).collect();
    let known = |values: Vec<f64>| values.into_iter().filter(|value| usable(*value));
    let vertical = Scale::covering(known(all.iter().map(|p| p.1).collect()), 4);
    let sizes = known(all.iter().map(|p| p.0).collect()).chain([0.0]);
    let horizontal = Scale::whole(sizes, 3);
    for pair in rows.chunks(2) {
        for (frame, row) in sheet.frames(110.0).into_iter().zip(pair) {
            panel(&mut sheet, frame, row, (&horizontal, &vertical));
        }
    }
    let answers: Vec<String> = rows.iter().map(LearningCurveRow::answer).collect();
    sheet
        .finish(format!("Entity F1 on test by number of training sentences. {}", answers.join(" ")))
}

/// The number of sentences and the F1 of every seed.
fn seeds(row: &LearningCurveRow) -> impl Iterator<Item = (f64, f64)> {
    row.points.iter().flat_map(|point| point.entity.iter().map(|f1| (point.sentences, *f1)))
}

/// Points along the fitted law, up to the number of sentences that it predicts.
fn fitted(row: &LearningCurveRow) -> Vec<(f64, f64)> {
    let (Some(law), Some(first), Some(last)) = (&row.fitted, row.points.first(), row.points.last())
    else {
        return Vec::new();
    };
    let end = last.sentences + law.more as f64;
    let step = (end - first.sentences) / STEPS as f64;
    let place = |n: usize| first.sentences + step * n as f64;
    (0..=STEPS).map(|n| (place(n), law.at(place(n)))).collect()
}

fn panel(
    sheet: &mut Sheet,
    frame: Frame,
    row: &LearningCurveRow,
    (horizontal, vertical): (&Scale, &Scale),
) {
    let heading = fit(&row.language, frame.right - frame.left, 11.0);
    let (y, axis) = frame.vertical(vertical.clone(), &heading);
    sheet.add(axis);
    let (x, axis) = frame.horizontal(horizontal.clone(), "training sentences");
    sheet.add(axis);
    let place = |(sentences, f1): (f64, f64)| (x.at(sentences), y.at(f1));
    let drawn = |found: Vec<(f64, f64)>| -> Vec<(f64, f64)> {
        found.into_iter().filter(|p| usable(p.0) && usable(p.1)).map(place).collect()
    };
    sheet.add(path(&drawn(fitted(row)), VERMILLION, "5 3"));
    sheet.add(points(&drawn(seeds(row).collect()), Shape::Circle, 1.8, SKY));
    let means = row.points.iter().map(|p| (p.sentences, mean(p.entity.iter().copied())));
    sheet.add(points(&drawn(means.collect()), Shape::Diamond, 2.6, BLUE));
}
