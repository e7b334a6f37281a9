//! Gains over the baseline with their intervals: a line for each language, or for each experiment.

use maud::html;

use super::drawing::{Frame, Sheet, Swatch, TEXT, fit, label, line, px, text_width, wrap};
use super::scale::Scale;
use super::style::{BLUE, INK, Shape, VERMILLION, points};
use super::{Plot, slug};
use crate::study::number::{fixed, signed};
use crate::study::spread::usable;
use crate::study::{ComparisonRow, MeanRow, Measured, StudyData, Subset, distinct};

const HEIGHT: f64 = 34.0;
/// Room for names to the left, at least, and for the numbers to the right.
const NAMES: f64 = 92.0;
const NUMBERS: f64 = 48.0;

/// What is drawn in a line: a gain on all and on unseen entities, where something was measured.
struct Line<'a> {
    name: String,
    setting: String,
    /// Whether the setting is one of several.
    chosen: bool,
    seeds: usize,
    all: Option<&'a Measured>,
    unseen: Option<&'a Measured>,
}

/// The gains of one kind of experiment, the `number`th of all: of each language at the setting that is best on
/// dev, and of their mean where all stand at one.
pub(crate) fn gains(number: usize, kind: &str, data: &StudyData) -> Plot {
    let mut lines = lines(kind, data);
    let first = lines.first().map(|line| line.setting.clone());
    if let Some(setting) = first.filter(|s| lines.iter().all(|line| line.setting == *s)) {
        let names =
            |row: &MeanRow| (format!("mean of {}", row.languages.len()), row.setting.clone());
        let of = |row: &&MeanRow| row.kind == kind && row.setting == setting;
        lines.extend(mean_lines(data.means.iter().filter(of), names));
    }
    let name = format!("comparison-{number}-{}", slug(kind));
    draw(name, &format!("Gain in entity F1 with its interval: {kind}"), kind, &lines)
}

/// The mean gains of all experiments over several languages; nothing where there is none. Each tells of how many
/// it is, since means of other languages are no fair neighbours.
pub(crate) fn means(data: &StudyData) -> Option<Plot> {
    let lines = mean_lines(data.means.iter(), |row| {
        let of = format!(", of {}", row.languages.len());
        match row.setting.is_empty() {
            true => (row.kind.clone() + &of, String::new()),
            false => (row.kind.clone(), row.setting.clone() + &of),
        }
    });
    let kind = "mean over languages";
    let title = "Mean gain over languages in entity F1 with its interval";
    (!lines.is_empty()).then(|| draw("means".to_owned(), title, kind, &lines))
}

/// A line for each mean on all entities among `rows`; `names` gives its name and setting.
fn mean_lines<'a>(
    rows: impl Iterator<Item = &'a MeanRow> + Clone,
    names: impl Fn(&MeanRow) -> (String, String),
) -> Vec<Line<'a>> {
    let line = |all: &'a MeanRow| {
        let (kind, setting, _) = all.family();
        let unseen = |row: &&MeanRow| row.family() == (kind, setting, Subset::Unseen);
        let (name, setting) = names(all);
        Line {
            name,
            setting,
            chosen: false,
            seeds: all.seeds,
            all: Some(&all.measured),
            unseen: rows.clone().find(unseen).map(|row| &row.measured),
        }
    };
    rows.clone().filter(|row| row.subset == Subset::All).map(line).collect()
}

fn draw(name: String, title: &str, kind: &str, lines: &[Line]) -> Plot {
    let mut sheet = Sheet::new(name, title.to_owned());
    sheet.legend(&[
        (Swatch::Point(Shape::Circle, BLUE), "all entities".to_owned()),
        (Swatch::Point(Shape::Square, VERMILLION), "unseen mentions".to_owned()),
        (Swatch::Line(INK, "1 2"), "no gain".to_owned()),
    ]);
    let frame = sheet.frame(HEIGHT * lines.len() as f64 + 8.0);
    let longest = lines.iter().flat_map(|l| [&l.name, &l.setting]);
    let longest = longest.map(|name| text_width(name, TEXT)).fold(0.0, f64::max);
    let names = (longest + 10.0).clamp(NAMES, frame.right / 2.0);
    let frame = Frame { left: names, right: frame.right - NUMBERS, ..frame };
    let measured = |measured: Option<&Measured>| {
        measured.map_or([f64::NAN; 3], |m| [m.gain, m.interval.0, m.interval.1])
    };
    let rows: Vec<[[f64; 3]; 2]> =
        lines.iter().map(|l| [measured(l.all), measured(l.unseen)]).collect();
    let values = rows.iter().flatten().flatten().copied().chain([0.0]);
    let (scale, axis) = frame.horizontal(Scale::covering(values, 4), "gain in entity F1, points");
    sheet.add(axis);
    let zero = px(scale.at(0.0));
    sheet.add(html! {
        line x1=(zero) y1=(px(frame.top)) x2=(zero) y2=(px(frame.bottom)) stroke=(INK) stroke-dasharray="1 2" {}
    });
    for (at, (one, marks)) in lines.iter().zip(&rows).enumerate() {
        let top = frame.top + 4.0 + HEIGHT * at as f64;
        for (text, down) in heading(one, names - 10.0).iter().zip([14.0, 28.0]) {
            sheet.add(label(names - 6.0, top + down, "end", text));
        }
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
        "Gain in entity F1 over the baseline, or the recipe named, with its 95 % interval, {kind}. {}.",
        told.join("; ")
    ))
}

/// What stands to the left of a line: its name and setting, or its name in two lines.
fn heading(line: &Line, room: f64) -> [String; 2] {
    if !line.setting.is_empty() {
        return [&line.name, &line.setting].map(|text| fit(text, room, TEXT));
    }
    let lines = wrap(&line.name, room, TEXT);
    let (first, rest) = lines.split_first().expect("never empty");
    [first.clone(), fit(&rest.join(" "), room, TEXT)]
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
        let unseen = unseen.and_then(|row| row.measured.as_ref());
        Some(Line {
            name,
            setting: all.setting.clone(),
            chosen: true,
            seeds: all.seeds,
            all: all.measured.as_ref(),
            unseen,
        })
    };
    pairs.iter().filter_map(|pair| line(*pair)).collect()
}

fn message(line: &Line) -> String {
    let at = match (line.setting.is_empty(), line.chosen) {
        (true, _) => String::new(),
        (false, false) => format!(" at {}", line.setting),
        (false, true) => format!(" at {} (chosen on dev)", line.setting),
    };
    let part = |m: &Measured| {
        let [low, high] = [m.interval.0, m.interval.1].map(|end| fixed(end, 1));
        format!("{} points ({low} to {high})", signed(m.gain, 1))
    };
    let all = line.all.map_or("no known number".to_owned(), |m| {
        format!("{}, {}", part(m), m.verdict().said(line.seeds))
    });
    let unseen = line.unseen.map_or(String::new(), |m| format!("; on unseen mentions {}", part(m)));
    format!("{}{at}: {all}{unseen}", line.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_takes_the_line_of_a_setting_that_is_not_there() {
        let line = |name: &str, setting: &str| Line {
            name: name.to_owned(),
            setting: setting.to_owned(),
            chosen: false,
            seeds: 1,
            all: None,
            unseen: None,
        };
        let heading = |name: &str, setting| heading(&line(name, setting), 130.0);
        assert_eq!(
            heading("recipe several against tuned", ""),
            ["recipe several", "against tuned"]
        );
        assert_eq!(heading("mg", ""), ["mg", ""]);
        let [first, second] = heading("transfer, fine-tuned", "×4");
        assert!(first.starts_with("transfer, fi") && first.ends_with('…'), "{first}");
        assert_eq!(second, "×4");
        let [_, second] = heading("one of a very long name that fills more than two lines", "");
        assert!(second.ends_with('…'), "{second}");
    }
}
