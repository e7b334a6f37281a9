//! Gains by factor or quantile: a box for each setting, a point for each run.

use maud::{Markup, html};

use super::Plot;
use super::drawing::{Frame, Sheet, Swatch, line, px};
use super::scale::Scale;
use super::style::{INK, colour, points, shape};
use crate::study::gains::{Experiment, Gain, Measure, settings};
use crate::study::number::{counted, fixed, percent, signed};
use crate::study::spread::{BoxOf, quantile, sorted, usable};

/// Minimum number of points of a box; the quartiles of fewer would be the points themselves.
const BOX: usize = 5;

/// The plot of one measure of an experiment.
pub(crate) fn boxes(experiment: &Experiment, measure: Measure) -> Plot {
    let Experiment { slug, name, setting, decimals, gains, languages } = experiment;
    let drawn: Vec<&Gain> =
        gains.iter().filter(|gain| usable(gain.setting) && usable(measure.of(gain))).collect();
    let settings = settings(gains);
    let title = format!("{} by {setting}: {name}", measure.name());
    let mut sheet = Sheet::new(format!("{slug}-{}-by-{setting}", measure.slug()), title);
    let shown: Vec<usize> = (0..languages.len())
        .filter(|series| drawn.iter().any(|gain| gain.target == languages[*series]))
        .collect();
    let legend: Vec<(Swatch, String)> = shown
        .iter()
        .map(|series| {
            (Swatch::Point(shape(*series), colour(*series)), languages[*series].to_owned())
        })
        .collect();
    sheet.legend(&legend);

    let frame = sheet.frame(210.0);
    let values = drawn.iter().map(|gain| measure.of(gain)).chain([0.0]);
    let (scale, axis) = frame.vertical(Scale::covering(values, 6), measure.axis());
    sheet.add(axis);
    let names: Vec<String> = settings.iter().map(|value| fixed(*value, *decimals)).collect();
    let (places, axis) = frame.categories(&names, setting);
    sheet.add(axis);
    let slot = (frame.right - frame.left) / settings.len().max(1) as f64;
    for (place, setting) in places.iter().zip(&settings) {
        let at = drawn.iter().filter(|gain| gain.setting == *setting);
        sheet.add(tukey(*place, &sorted(at.map(|gain| measure.of(gain))), slot, &scale));
    }
    // Languages are side by side within a setting, so that none hides another.
    let room = (slot * 0.8).min(60.0);
    let radius = (room / shown.len().max(1) as f64 * 0.6).clamp(1.9, 3.0);
    for (number, series) in shown.iter().enumerate() {
        let aside = room * ((number as f64 + 0.5) / shown.len() as f64 - 0.5);
        let of_language: Vec<(f64, f64)> = drawn
            .iter()
            .filter(|gain| gain.target == languages[*series])
            .filter_map(|gain| {
                let setting = settings.iter().position(|setting| *setting == gain.setting)?;
                Some((places[setting] + aside, scale.at(measure.of(gain))))
            })
            .collect();
        sheet.add(points(&of_language, shape(*series), radius, colour(*series)));
    }
    sheet.add(zero(&frame, &scale));
    sheet.finish(message(experiment, measure, &drawn, &settings))
}

/// A box with whiskers; of a few points, only the median.
fn tukey(x: f64, values: &[f64], slot: f64, scale: &Scale) -> Markup {
    let Some(BoxOf { low, first, median, third, high }) = BoxOf::of(values) else {
        return html! {};
    };
    let width = (slot * 0.84).min(64.0);
    let [left, right] = [x - width / 2.0, x + width / 2.0];
    html! {
        @if values.len() >= BOX {
            (line((x, scale.at(low)), (x, scale.at(first)), "#777", 1.0))
            (line((x, scale.at(third)), (x, scale.at(high)), "#777", 1.0))
            rect x=(px(left)) y=(px(scale.at(third))) width=(px(width))
                height=(px(scale.at(first) - scale.at(third))) fill="#eee" stroke="#777" {}
        }
        @if values.len() > 1 {
            (line((left, scale.at(median)), (right, scale.at(median)), INK, 2.0))
        }
    }
}

/// The baseline's line, on top of everything.
fn zero(frame: &Frame, scale: &Scale) -> Markup {
    let y = scale.at(0.0);
    html! {
        line x1=(px(frame.left)) y1=(px(y)) x2=(px(frame.right)) y2=(px(y)) stroke=(INK) stroke-dasharray="1 2" {}
    }
}

/// The plot's message in words and numbers.
fn message(experiment: &Experiment, measure: Measure, drawn: &[&Gain], settings: &[f64]) -> String {
    let Experiment { name, setting, decimals, gains, languages, .. } = experiment;
    let left_out = match gains.len() - drawn.len() {
        0 => String::new(),
        count => format!(" {} without a known number left out.", counted(count, "run")),
    };
    let value = |value: f64| format!("{}{}", signed(value, 2), measure.unit());
    let medians: Vec<(f64, f64)> = settings
        .iter()
        .map(|setting| {
            let at = drawn.iter().filter(|gain| gain.setting == *setting);
            (*setting, quantile(&sorted(at.map(|gain| measure.of(gain))), 0.5))
        })
        .filter(|(_, median)| usable(*median))
        .collect();
    let by_median = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
    let (Some(lowest), Some(highest)) =
        (medians.iter().min_by(by_median), medians.iter().rev().max_by(by_median))
    else {
        return format!("{}, {name}: no known number.{left_out}", measure.name());
    };
    let all = sorted(drawn.iter().map(|gain| measure.of(gain)));
    let above = all.iter().filter(|value| **value > 0.0).count();
    let languages =
        languages.iter().filter(|language| drawn.iter().any(|gain| gain.target == **language));
    let range = match medians.len() {
        1 => format!("at {setting} {}", fixed(lowest.0, *decimals)),
        _ => format!(
            "medians from {} ({setting} {}) to {} ({setting} {})",
            value(lowest.1),
            fixed(lowest.0, *decimals),
            value(highest.1),
            fixed(highest.0, *decimals),
        ),
    };
    format!(
        "{}, {name}, {} of {}: {range}; median of all runs {}; {} of the runs are above the baseline.{left_out}",
        measure.name(),
        counted(drawn.len(), "run"),
        counted(languages.count(), "language"),
        value(quantile(&all, 0.5)),
        percent(above, all.len()),
    )
}
