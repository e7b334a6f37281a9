//! Gains by factor or quantile: a small frame for each pair of languages, all with the same axes.

use maud::html;

use super::Plot;
use super::drawing::{Frame, Sheet, Swatch, fit, px};
use super::lines::path;
use super::scale::Scale;
use super::style::{BLUE, INK, SKY, Shape, points};
use crate::study::gains::{
    Experiment, Gain, Measure, best_setting, mean_at, of_pair, pairs, settings,
};
use crate::study::number::{fixed, pair_name, signed};
use crate::study::spread::usable;

/// The plot of one measure of an experiment.
pub(crate) fn multiples(experiment: &Experiment, measure: Measure) -> Plot {
    let Experiment { slug, name, setting, gains, .. } = experiment;
    let title = format!("{} by language and {setting}: {name}", measure.name());
    let mut sheet = Sheet::new(format!("{slug}-{}-by-language", measure.slug()), title);
    sheet.legend(&[
        (Swatch::Point(Shape::Circle, SKY), "a run".to_owned()),
        (Swatch::Line(BLUE, ""), "mean of runs".to_owned()),
        (Swatch::Line(INK, "1 2"), "baseline".to_owned()),
    ]);
    let drawn: Vec<Gain> = gains
        .iter()
        .filter(|gain| usable(gain.setting) && usable(measure.of(gain)))
        .copied()
        .collect();
    let vertical = Scale::covering(drawn.iter().map(|gain| measure.of(gain)).chain([0.0]), 4);
    let settings = drawn.iter().map(|gain| gain.setting);
    let horizontal = match experiment.decimals {
        0 => Scale::whole(settings, 5),
        _ => Scale::covering(settings, 5),
    };
    let pairs = pairs(gains);
    for row in pairs.chunks(2) {
        for (frame, pair) in sheet.frames(100.0).into_iter().zip(row) {
            let runs = of_pair(&drawn, *pair);
            panel(&mut sheet, frame, *pair, &runs, experiment, measure, (&horizontal, &vertical));
        }
    }
    let note = format!("Vertical axes: {}; horizontal axes: {setting}.", measure.axis());
    let messages: Vec<String> = pairs
        .iter()
        .map(|pair| message(*pair, &of_pair(&drawn, *pair), experiment, measure))
        .collect();
    sheet.finish(format!(
        "{} over the baseline, {name}, mean of runs. {} ({}). {note}",
        measure.name(),
        messages.join("; "),
        experiment.best_label(),
    ))
}

fn panel(
    sheet: &mut Sheet,
    frame: Frame,
    pair: (&str, &str),
    runs: &[Gain],
    experiment: &Experiment,
    measure: Measure,
    (horizontal, vertical): (&Scale, &Scale),
) {
    let heading = fit(&pair_name(pair), frame.right - frame.left, 11.0);
    let (y, axis) = frame.vertical(vertical.clone(), &heading);
    sheet.add(axis);
    let (x, axis) = frame.horizontal(horizontal.clone(), experiment.setting);
    sheet.add(axis);
    let places: Vec<(f64, f64)> =
        runs.iter().map(|gain| (x.at(gain.setting), y.at(measure.of(gain)))).collect();
    sheet.add(points(&places, Shape::Circle, 1.8, SKY));
    let means: Vec<(f64, f64)> = settings(runs)
        .into_iter()
        .map(|setting| (x.at(setting), y.at(mean_at(runs, setting, |gain| measure.of(gain)))))
        .collect();
    let zero = y.at(0.0);
    sheet.add(html! {
        (path(&means, BLUE, ""))
        (points(&means, Shape::Diamond, 2.2, BLUE))
        line x1=(px(frame.left)) y1=(px(zero)) x2=(px(frame.right)) y2=(px(zero)) stroke=(INK) stroke-dasharray="1 2" {}
    });
}

fn message(pair: (&str, &str), runs: &[Gain], experiment: &Experiment, measure: Measure) -> String {
    let number = |gain: &Gain| measure.of(gain);
    let Some(best) = best_setting(runs, number) else {
        return format!("{}: no known number", pair_name(pair));
    };
    format!(
        "{}: highest {}{} at {} {}",
        pair_name(pair),
        signed(mean_at(runs, best, number), 2),
        measure.unit(),
        experiment.setting,
        fixed(best, experiment.decimals),
    )
}
