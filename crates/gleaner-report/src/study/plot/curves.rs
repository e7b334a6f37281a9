//! Training curves: losses, dev scores and added sentences by epoch.

use maud::html;

use super::drawing::{Frame, Sheet, Swatch, px};
use super::lines::path;
use super::scale::Scale;
use super::style::{BLUE, SKY, Shape, VERMILLION, points};
use super::{Plot, slug};
use crate::study::number::{fixed, score};
use crate::study::spread::{total, usable};
use crate::study::{Curve, CurvePoint};

/// A line of a frame: its name, colour, dash pattern, shape of points, and numbers.
struct Series {
    name: &'static str,
    colour: &'static str,
    dash: &'static str,
    shape: Shape,
    of: fn(&CurvePoint) -> f64,
}

const LOSSES: [Series; 2] = [
    Series {
        name: "train loss",
        colour: VERMILLION,
        dash: "5 3",
        shape: Shape::Square,
        of: |point| point.train_loss,
    },
    Series {
        name: "dev loss",
        colour: BLUE,
        dash: "",
        shape: Shape::Circle,
        of: |point| point.dev_loss,
    },
];

const SCORES: [Series; 2] = [
    Series {
        name: "dev entity F1",
        colour: BLUE,
        dash: "",
        shape: Shape::Circle,
        of: |point| point.dev_entity,
    },
    Series {
        name: "dev published score",
        colour: VERMILLION,
        dash: "5 3",
        shape: Shape::Square,
        of: |point| point.dev_published,
    },
];

/// The plot of one run, the `number`th of all.
pub(crate) fn curve(number: usize, curve: &Curve) -> Plot {
    let Curve { run, language, points } = curve;
    let name = format!("curve-{number}-{}", slug(&format!("{language} {run}")));
    let mut sheet = Sheet::new(name, format!("Training curve, {language}: {run}"));
    let epochs = Scale::whole(points.iter().map(|point| point.epoch.into()), 6);
    for (series, heading) in [(LOSSES, "loss"), (SCORES, "score, 0 to 1")] {
        let legend: Vec<(Swatch, String)> = series
            .iter()
            .map(|series| (Swatch::Line(series.colour, series.dash), series.name.to_owned()))
            .collect();
        sheet.legend(&legend);
        let frame = sheet.frame(105.0);
        draw(&mut sheet, frame, &epochs, points, &series, heading);
    }
    let added = total(points.iter().map(|point| point.added));
    if added > 0 {
        let frame = sheet.frame(60.0);
        bars(&mut sheet, frame, &epochs, points);
    }
    let alt = message(curve, added);
    sheet.finish(alt)
}

fn draw(
    sheet: &mut Sheet,
    frame: Frame,
    epochs: &Scale,
    epoch_points: &[CurvePoint],
    series: &[Series],
    heading: &str,
) {
    let values = series.iter().flat_map(|series| epoch_points.iter().map(series.of));
    let (y, axis) = frame.vertical(Scale::covering(values, 4), heading);
    sheet.add(axis);
    let (x, axis) = frame.horizontal(epochs.clone(), "epoch");
    sheet.add(axis);
    for Series { colour, dash, shape, of, .. } in series {
        let places: Vec<(f64, f64)> = epoch_points
            .iter()
            .map(|point| {
                let value = of(point);
                (x.at(point.epoch.into()), if usable(value) { y.at(value) } else { f64::NAN })
            })
            .collect();
        let known: Vec<(f64, f64)> =
            places.iter().copied().filter(|(_, y)| y.is_finite()).collect();
        sheet.add(path(&places, colour, dash));
        sheet.add(points(&known, *shape, 2.5, colour));
    }
}

fn bars(sheet: &mut Sheet, frame: Frame, epochs: &Scale, points: &[CurvePoint]) {
    let added: Vec<(f64, f64)> = points
        .iter()
        .map(|point| (point.epoch.into(), point.added as f64))
        .filter(|(_, added)| *added > 0.0 && usable(*added))
        .collect();
    let values = added.iter().map(|(_, added)| *added).chain([0.0]);
    let (y, axis) = frame.vertical(Scale::whole(values, 3), "sentences added after the epoch");
    sheet.add(axis);
    let (x, axis) = frame.horizontal(epochs.clone(), "epoch");
    sheet.add(axis);
    let width = ((x.at(1.0) - x.at(0.0)) * 0.7).min(20.0);
    for (epoch, added) in added {
        let (middle, top) = (x.at(epoch), y.at(added));
        let left = (middle - width / 2.0).clamp(frame.left, frame.right - width);
        sheet.add(html! {
            rect x=(px(left)) y=(px(top)) width=(px(width)) height=(px(frame.bottom - top))
                fill=(SKY) stroke=(BLUE) {}
        });
    }
}

fn message(curve: &Curve, added: usize) -> String {
    let Curve { run, language, points } = curve;
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return format!("Training curve of {run} ({language}): no epoch.");
    };
    let best = points
        .iter()
        .filter(|point| usable(point.dev_entity))
        .rev()
        .max_by(|a, b| a.dev_entity.total_cmp(&b.dev_entity));
    let best = best.map_or(String::new(), |best| {
        let published = score(best.dev_published);
        format!(
            "; dev entity F1 is highest in epoch {}: {} (published score there {published})",
            best.epoch,
            score(best.dev_entity),
        )
    });
    let added = match added {
        0 => String::new(),
        _ => format!("; {added} pseudo-labelled sentences added in total"),
    };
    let loss =
        |of: fn(&CurvePoint) -> f64| format!("{} to {}", fixed(of(first), 2), fixed(of(last), 2));
    format!(
        "Training curve of {run} ({language}), epochs {} to {}: train loss from {}, dev loss from {}{best}{added}.",
        first.epoch,
        last.epoch,
        loss(|point| point.train_loss),
        loss(|point| point.dev_loss),
    )
}
