//! Bars by language, with the mean over languages as a line.

use maud::html;

use super::Plot;
use super::drawing::{Frame, Sheet, Swatch, TEXT, fit, label, line, px};
use super::scale::Scale;
use super::style::{INK, SKY, VERMILLION};
use crate::study::gains::{Experiment, Gain, Measure, best_setting, mean_at};
use crate::study::number::{capitalised, fixed, score, signed};
use crate::study::spread::{mean, usable};
use crate::study::{StudyData, distinct};

const HEIGHT: f64 = 14.0;
const GAP: f64 = 10.0;
/// Width for the languages left of the bars, and for the numbers right of them.
const NAMES: f64 = 64.0;
const NUMBERS: f64 = 48.0;

struct Bar {
    value: f64,
    /// The runs that the value is the mean of.
    runs: Vec<f64>,
    interval: Option<(f64, f64)>,
}

struct Chart<'a> {
    /// The names of the two bars of each language.
    series: [&'a str; 2],
    rows: Vec<(&'a str, [Bar; 2])>,
    axis: &'a str,
    number: fn(f64) -> String,
}

/// The plot of the baseline's scores, under this name.
pub(crate) fn baseline(name: &str, data: &StudyData) -> Plot {
    let rows: Vec<(&str, [Bar; 2])> = distinct(data.baseline.iter().map(|row| &row.language))
        .into_iter()
        .map(|language| {
            let scores: Vec<_> = data
                .baseline
                .iter()
                .filter(|row| row.language == *language)
                .map(|row| &row.scores)
                .collect();
            let bar = |values: Vec<f64>, interval| Bar {
                value: mean(values.iter().copied()),
                runs: values,
                interval,
            };
            let bounds = |bound: fn((f64, f64)) -> f64| {
                mean(scores.iter().filter_map(|scores| scores.test_interval).map(bound))
            };
            let interval = (bounds(|bounds| bounds.0), bounds(|bounds| bounds.1));
            let published = scores.iter().map(|scores| scores.test_published).collect();
            let entity = scores.iter().map(|scores| scores.test_entity).collect();
            (language.as_str(), [bar(published, None), bar(entity, Some(interval))])
        })
        .collect();
    let chart = Chart {
        series: ["published score", "entity F1"],
        rows,
        axis: "score on test, 0 to 1",
        number: score,
    };
    let sheet = Sheet::new(name.to_owned(), "Baseline by language".to_owned());
    draw(sheet, &chart, "Baseline scores on test by language, mean of runs")
}

/// The plot of one measure of an experiment: the mean over all settings, and the setting that is best on test.
pub(crate) fn gains(experiment: &Experiment, measure: Measure) -> Plot {
    let Experiment { slug, name, setting, gains, languages, .. } = experiment;
    let bars = |language: &str| {
        let runs: Vec<Gain> =
            gains.iter().filter(|gain| gain.target == language).copied().collect();
        let number = |gain: &Gain| measure.of(gain);
        let best = best_setting(&runs, number);
        let at_best: Vec<f64> =
            runs.iter().filter(|gain| Some(gain.setting) == best).map(number).collect();
        let all = Bar { value: mean(runs.iter().map(number)), runs: Vec::new(), interval: None };
        let value = best.map_or(f64::NAN, |best| mean_at(&runs, best, number));
        [all, Bar { value, runs: at_best, interval: None }]
    };
    let (all, best) = (format!("all {setting}s"), experiment.best_label());
    let chart = Chart {
        series: [&all, &best],
        rows: languages
            .iter()
            .filter(|language| gains.iter().any(|gain| gain.target == **language))
            .map(|language| (*language, bars(language)))
            .collect(),
        axis: measure.axis(),
        number: |value| signed(value, 2),
    };
    let title = format!("{} by language: {name}", measure.name());
    let sheet = Sheet::new(format!("{slug}-{}-bars", measure.slug()), title);
    let subject = format!("{} on test over the baseline, {name}, mean of runs", measure.name());
    draw(sheet, &chart, &subject)
}

fn draw(mut sheet: Sheet, chart: &Chart, subject: &str) -> Plot {
    let stripes = sheet.stripes(VERMILLION);
    let fills = [(stripes.as_str(), VERMILLION), (SKY, INK)];
    let dashes = ["2 2", "7 3"];
    let means = [0, 1].map(|series| mean(chart.rows.iter().map(|(_, bars)| bars[series].value)));
    let mut legend: Vec<(Swatch, String)> = fills
        .iter()
        .zip(chart.series)
        .map(|((fill, border), name)| (Swatch::Area((*fill).to_owned(), border), name.to_owned()))
        .collect();
    for ((mean, dash), name) in means.into_iter().zip(dashes).zip(chart.series) {
        let text = format!("mean line, {name}: {}", (chart.number)(mean));
        legend.push((Swatch::Line(INK, dash), text));
    }
    sheet.legend(&legend);

    let height = chart.rows.len() as f64 * (2.0 * HEIGHT + GAP) + GAP;
    let frame = sheet.frame(height);
    let frame = Frame { left: NAMES, right: frame.right - NUMBERS, ..frame };
    let all = chart.rows.iter().flat_map(|(_, bars)| bars).flat_map(|bar| {
        let (low, high) = bar.interval.unwrap_or((f64::NAN, f64::NAN));
        bar.runs.iter().copied().chain([bar.value, low, high])
    });
    let (scale, axis) = frame.horizontal(Scale::covering(all.chain([0.0]), 4), chart.axis);
    let zero = scale.at(0.0);
    sheet.add(axis);
    sheet.add(line((zero, frame.top), (zero, frame.bottom), INK, 1.0));
    for (number, (name, bars)) in chart.rows.iter().enumerate() {
        let top = frame.top + GAP + number as f64 * (2.0 * HEIGHT + GAP);
        sheet.add(label(NAMES - 6.0, top + HEIGHT + 4.0, "end", &fit(name, NAMES - 8.0, TEXT)));
        for (series, bar) in bars.iter().enumerate() {
            let top = top + series as f64 * HEIGHT;
            draw_bar(&mut sheet, bar, top, fills[series], (&scale, &frame));
            let text = (chart.number)(bar.value);
            sheet.add(label(frame.right + NUMBERS, top + HEIGHT - 3.0, "end", &text));
        }
    }
    for (mean, dash) in means.into_iter().zip(dashes).filter(|(mean, _)| usable(*mean)) {
        let x = px(scale.at(mean));
        sheet.add(html! {
            line x1=(x) y1=(px(frame.top)) x2=(x) y2=(px(frame.bottom)) stroke=(INK)
                stroke-width="1.5" stroke-dasharray=(dash) {}
        });
    }
    sheet.finish(message(chart, subject, means))
}

fn draw_bar(
    sheet: &mut Sheet,
    bar: &Bar,
    top: f64,
    (fill, border): (&str, &str),
    (scale, frame): (&Scale, &Frame),
) {
    if !usable(bar.value) {
        return;
    }
    let middle = top + HEIGHT / 2.0;
    let (from, to) = (scale.at(bar.value.min(0.0)), scale.at(bar.value.max(0.0)));
    sheet.add(html! {
        rect x=(px(from)) y=(px(top + 1.0)) width=(px(to - from)) height=(px(HEIGHT - 2.0))
            fill=(fill) stroke=(border) {}
        @for run in bar.runs.iter().filter(|run| bar.runs.len() > 1 && usable(**run)) {
            circle cx=(px(scale.at(*run))) cy=(px(middle)) r="2" fill="white" stroke=(INK) {}
        }
        @if let Some((low, high)) = bar.interval && usable(low) && usable(high) {
            @let [low, high] = [scale.at(low), scale.at(high)].map(|x| x.clamp(frame.left, frame.right));
            (line((low, middle), (high, middle), INK, 1.2))
            (line((low, middle - 4.0), (low, middle + 4.0), INK, 1.2))
            (line((high, middle - 4.0), (high, middle + 4.0), INK, 1.2))
        }
    });
}

fn message(chart: &Chart, subject: &str, means: [f64; 2]) -> String {
    let of_series = |series: usize| {
        let values: Vec<String> = chart
            .rows
            .iter()
            .map(|(name, bars)| format!("{name} {}", (chart.number)(bars[series].value)))
            .collect();
        let mean = (chart.number)(means[series]);
        format!(
            "{}: {}; mean over languages {mean}",
            capitalised(chart.series[series]),
            values.join(", ")
        )
    };
    let intervals: Vec<String> = chart
        .rows
        .iter()
        .filter_map(|(name, bars)| Some((name, bars[1].interval?)))
        .filter(|(_, (low, high))| usable(*low) && usable(*high))
        .map(|(name, (low, high))| format!("{name} {} to {}", fixed(low, 2), fixed(high, 2)))
        .collect();
    let intervals = match intervals.len() {
        0 => String::new(),
        _ => format!(
            " Horizontal lines: 95 % interval of a single run's entity F1 ({}).",
            intervals.join(", ")
        ),
    };
    let several = chart.rows.iter().any(|(_, bars)| bars.iter().any(|bar| bar.runs.len() > 1));
    let circles = if several { " Circles: single runs." } else { "" };
    format!("{subject}. {}. {}.{circles}{intervals}", of_series(0), of_series(1))
}
