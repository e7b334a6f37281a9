//! Reliability diagrams: precision by confidence, a small frame for each language.

use gleaner_metrics::{Bin, Calibration};

use super::drawing::{Frame, Sheet, Swatch, fit};
use super::lines::path;
use super::scale::Scale;
use super::style::{BLUE, INK, Shape, VERMILLION, points};
use super::{Plot, slug};
use crate::study::number::{counted, score};
use crate::study::spread::usable;
use crate::study::{LanguageReliability, Reliability};

/// The plot of one kind of run, the `number`th of all.
pub(crate) fn reliability(number: usize, reliability: &Reliability) -> Plot {
    let Reliability { experiment, languages, mean } = reliability;
    let name = format!("reliability-{number}-{}", slug(experiment));
    let mut sheet = Sheet::new(name, format!("Reliability of confidences: {experiment}"));
    sheet.legend(&[
        (Swatch::Point(Shape::Square, VERMILLION), "uncalibrated".to_owned()),
        (Swatch::Point(Shape::Circle, BLUE), "calibrated".to_owned()),
        (Swatch::Line(INK, "1 2"), "confidence = precision".to_owned()),
    ]);
    for row in languages.chunks(2) {
        for (frame, language) in sheet.frames(120.0).into_iter().zip(row) {
            panel(&mut sheet, frame, language);
        }
    }
    let messages: Vec<String> = languages.iter().map(message).collect();
    let means = match languages.len() {
        0 => String::new(),
        _ => format!(
            " Mean over {}: {} before, {} after.",
            counted(languages.len(), "language"),
            score(mean.before),
            score(mean.after)
        ),
    };
    sheet.finish(format!(
        "Reliability of confidences, {experiment}. Expected calibration error before and after calibration: {}.{means} \
         Each point is a bin of spans: mean confidence across, precision upwards; larger bins have larger points.",
        messages.join("; ")
    ))
}

fn panel(sheet: &mut Sheet, frame: Frame, language: &LanguageReliability) {
    let heading = format!("{}, precision", language.language);
    let heading = fit(&heading, frame.right - frame.left, 11.0);
    let (y, axis) = frame.vertical(Scale::covering([0.0, 1.0], 4), &heading);
    sheet.add(axis);
    let (x, axis) = frame.horizontal(Scale::covering([0.0, 1.0], 4), "confidence");
    sheet.add(axis);
    sheet.add(path(&[(x.at(0.0), y.at(0.0)), (x.at(1.0), y.at(1.0))], INK, "1 2"));
    for (calibration, shape, colour, dash) in [
        (&language.before, Shape::Square, VERMILLION, "5 3"),
        (&language.after, Shape::Circle, BLUE, ""),
    ] {
        let place = |bin: &Bin| (x.at(bin.confidence), y.at(bin.accuracy));
        let bins: Vec<&Bin> = known(calibration).collect();
        sheet.add(path(&bins.iter().map(|bin| place(bin)).collect::<Vec<_>>(), colour, dash));
        for bin in bins {
            // A point's area grows with its share of the spans.
            let share = bin.spans as f64 / calibration.spans.max(1) as f64;
            sheet.add(points(&[place(bin)], shape, 1.5 + 3.5 * share.min(1.0).sqrt(), colour));
        }
    }
}

/// Bins whose place is known.
fn known(calibration: &Calibration) -> impl Iterator<Item = &Bin> {
    let within = |value: f64| usable(value) && (0.0..=1.0).contains(&value);
    calibration.bins.iter().filter(move |bin| within(bin.confidence) && within(bin.accuracy))
}

fn message(language: &LanguageReliability) -> String {
    let LanguageReliability { language, before, after, .. } = language;
    let spans = counted(after.spans, "span");
    format!("{language} {} and {} ({spans})", score(before.ece), score(after.ece))
}
