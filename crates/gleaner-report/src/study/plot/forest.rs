//! Gains over the baseline with their intervals, a line for each language.

use maud::html;

use super::drawing::{Frame, Sheet, Swatch, TEXT, fit, label, line, px};
use super::scale::Scale;
use super::style::{BLUE, INK, Shape, VERMILLION, points};
use super::{Plot, slug};
use crate::study::number::{fixed, signed};
use crate::study::spread::usable;
use crate::study::{ComparisonRow, Measured, StudyData, Subset, Verdict, distinct};

const HEIGHT: f64 = 34.0;
/// Room for the languages to the left and for the numbers to the right.
const NAMES: f64 = 92.0;
const NUMBERS: f64 = 48.0;

/// What is drawn of a language: the setting that is chosen on dev, on all and on unseen entities.
struct Line<'a> {
    name: String,
    setting: &'a str,
    all: &'a ComparisonRow,
    unseen: Option<&'a ComparisonRow>,
}

/// The gains of one kind of experiment, the `number`th of all.
pub(crate) fn gains(number: usize, kind: &str, data: &StudyData) -> Plot {
    let lines = lines(kind, data);
    let name = format!("comparison-{number}-{}", slug(kind));
    let mut sheet = Sheet::new(name, format!("Gain in entity F1 with its interval: {kind}"));
    sheet.legend(&[
        (Swatch::Point(Shape::Circle, BLUE), "all entities".to_owned()),
        (Swatch::Point(Shape::Square, VERMILLION), "unseen mentions".to_owned()),
        (Swatch::Line(INK, "1 2"), "baseline".to_owned()),
    ]);
    let frame = sheet.frame(HEIGHT * lines.len() as f64 + 8.0);
    let frame = Frame { left: NAMES, right: frame.right - NUMBERS, ..frame };
    let measured = |row: Option<&ComparisonRow>| {
        let of = |m: &Measured| [m.gain, m.interval.0, m.interval.1];
        row.and_then(|row| row.measured.as_ref()).map_or([f64::NAN; 3], of)
    };
    let rows: Vec<[[f64; 3]; 2]> =
        lines.iter().map(|l| [measured(Some(l.all)), measured(l.unseen)]).collect();
    let values = rows.iter().flatten().flatten().copied().chain([0.0]);
    let (scale, axis) = frame.horizontal(Scale::covering(values, 4), "gain in entity F1, points");
    sheet.add(axis);
    let zero = px(scale.at(0.0));
    sheet.add(html! {
        line x1=(zero) y1=(px(frame.top)) x2=(zero) y2=(px(frame.bottom)) stroke=(INK) stroke-dasharray="1 2" {}
    });
    for (at, (one, marks)) in lines.iter().zip(&rows).enumerate() {
        let top = frame.top + 4.0 + HEIGHT * at as f64;
        sheet.add(label(NAMES - 6.0, top + 14.0, "end", &fit(&one.name, NAMES - 10.0, TEXT)));
        sheet.add(label(NAMES - 6.0, top + 28.0, "end", &fit(one.setting, NAMES - 10.0, TEXT)));
        let styles = [(Shape::Circle, BLUE, 10.0), (Shape::Square, VERMILLION, 24.0)];
        for ([gain, low, high], (shape, colour, down)) in marks.iter().zip(styles) {
            if [gain, low, high].into_iter().any(|value| !usable(*value)) {
                continue;
            }
            let y = top + down;
            let [low, high] = [low, high].map(|value| scale.at(*value));
            sheet.add(line((low, y), (high, y), colour, 1.6));
            for end in [low, high] {
                sheet.add(line((end, y - 3.0), (end, y + 3.0), colour, 1.6));
            }
            sheet.add(points(&[(scale.at(*gain), y)], shape, 3.5, colour));
            let number = label(frame.right + NUMBERS, y + 4.0, "end", &signed(*gain, 1));
            sheet.add(number);
        }
    }
    let told: Vec<String> = lines.iter().map(message).collect();
    sheet.finish(format!(
        "Gain in entity F1 over the baseline with its 95 % interval, {kind}. {}.",
        told.join("; ")
    ))
}

/// The languages, each at the setting that is best on dev.
fn lines<'a>(kind: &str, data: &'a StudyData) -> Vec<Line<'a>> {
    let of = |subset| {
        data.comparisons.iter().filter(move |row| row.kind == kind && row.subset == subset)
    };
    let pairs = distinct(of(Subset::All).map(|row| (&row.source, &row.target)));
    let line = |pair| {
        let rows = of(Subset::All).filter(|row| (&row.source, &row.target) == pair);
        let all = rows.reduce(|best, row| if row.dev > best.dev { row } else { best })?;
        let same =
            |row: &&ComparisonRow| (&row.source, &row.target) == pair && row.setting == all.setting;
        let unseen = of(Subset::Unseen).find(same);
        // Where every language has a single source its code says enough.
        let alone = pairs.iter().filter(|other| other.1 == pair.1).count() == 1;
        let name = if alone { all.target.clone() } else { all.languages() };
        Some(Line { name, setting: &all.setting, all, unseen })
    };
    pairs.iter().filter_map(|pair| line(*pair)).collect()
}

fn message(line: &Line) -> String {
    let at = match line.setting.is_empty() {
        true => String::new(),
        false => format!(" at {} (chosen on dev)", line.setting),
    };
    let part = |row: &ComparisonRow| match &row.measured {
        None => "no known number".to_owned(),
        Some(m) => format!(
            "{} points ({} to {})",
            signed(m.gain, 1),
            fixed(m.interval.0, 1),
            fixed(m.interval.1, 1)
        ),
    };
    let verdict = match line.all.verdict() {
        Verdict::NothingMeasured => String::new(),
        verdict => format!(", {}", verdict.name()),
    };
    let unseen =
        line.unseen.map_or(String::new(), |row| format!("; on unseen mentions {}", part(row)));
    format!("{}{at}: {}{verdict}{unseen}", line.name, part(line.all))
}
