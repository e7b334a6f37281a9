//! Gains over the baseline with their intervals: one line for each language or experiment.

use maud::html;

use super::drawing::{Frame, Sheet, Swatch, TEXT, fit, label, line, px, text_width, wrap};
use super::scale::Scale;
use super::style::{BLUE, INK, Shape, VERMILLION, points};
use super::{Plot, slug};
use crate::study::comparisons::{chosen_on_dev, mean_chosen_on_dev, settings};
use crate::study::number::{fixed, signed};
use crate::study::spread::usable;
use crate::study::{ComparisonRow, MeanRow, Measured, StudyData, Subset, distinct};

/// Height of a line, and of the heading of a group.
const HEIGHT: f64 = 34.0;
const HEADING: f64 = 20.0;
/// Minimum width for names on the left, and width for numbers on the right.
const NAMES: f64 = 92.0;
const NUMBERS: f64 = 48.0;
/// Maximum number of lines of the plot of answers. A longer one shows means only.
const ANSWERS: usize = 20;

/// A line of a plot: the gain on all and on unseen entities, where something was measured.
struct Line<'a> {
    name: String,
    setting: String,
    /// Whether the setting was chosen on dev among several.
    chosen: bool,
    seeds: usize,
    all: Option<&'a Measured>,
    unseen: Option<&'a Measured>,
}

/// Lines below a heading, which is empty if the title says enough.
struct Group<'a> {
    heading: String,
    lines: Vec<Line<'a>>,
}

/// The answers as one plot: for each experiment its mean and its languages, at the setting chosen on dev. With many
/// lines, the means only. `None` without comparisons.
pub(crate) fn answers(data: &StudyData) -> Option<Plot> {
    let kinds = distinct(data.comparisons.iter().map(|row| row.kind.as_str()));
    let mean = |kind: &str| -> Option<Line> {
        let mean = mean_chosen_on_dev(data, kind)?;
        let name = format!("mean of {}", mean.languages.len());
        Some(mean_line(data, mean, name, settings(data, kind) > 1))
    };
    let group = |kind: &&str| -> Group {
        let lines = mean(kind).into_iter().chain(of_languages(kind, data)).collect();
        Group { heading: (*kind).to_owned(), lines }
    };
    let mut groups: Vec<Group> = kinds.iter().map(group).collect();
    let lines: usize = groups.iter().map(|group| group.lines.len()).sum();
    let means = |kind: &&str| Some(Group { heading: (*kind).to_owned(), lines: vec![mean(kind)?] });
    let of_means: Vec<Group> = kinds.iter().filter_map(means).collect();
    if lines > ANSWERS && !of_means.is_empty() {
        groups = of_means;
    }
    let title = "Gain in entity F1, 95 % interval";
    (lines > 0).then(|| draw("answers".to_owned(), title, "by experiment", &groups))
}

/// The gains of one kind of experiment, the `number`th of all: of each language at the setting that is best on dev, and
/// of their mean if all are at one setting.
pub(crate) fn gains(number: usize, kind: &str, data: &StudyData) -> Plot {
    let mut lines = of_languages(kind, data);
    let first = lines.first().map(|line| line.setting.clone());
    if let Some(setting) = first.filter(|s| lines.iter().all(|line| line.setting == *s)) {
        let of = |row: &&MeanRow| row.family() == (kind, &setting, Subset::All);
        let mean = data.means.iter().find(of);
        let name = |row: &MeanRow| format!("mean of {}", row.languages.len());
        lines.extend(mean.map(|row| mean_line(data, row, name(row), false)));
    }
    let name = format!("comparison-{number}-{}", slug(kind));
    let title = format!("Gain in entity F1 with its interval: {kind}");
    draw(name, &title, kind, &[Group { heading: String::new(), lines }])
}

/// The mean gains of all experiments over several languages; `None` where there is none. Each says how many languages
/// it covers, because means of different languages cannot be compared.
pub(crate) fn means(data: &StudyData) -> Option<Plot> {
    let rows = data.means.iter().filter(|row| row.subset == Subset::All);
    let lines = rows.map(|row| {
        let MeanRow { kind, setting, languages, .. } = row;
        let of = format!(", of {}", languages.len());
        let (name, setting) = match setting.is_empty() {
            true => (kind.clone() + &of, String::new()),
            false => (kind.clone(), setting.clone() + &of),
        };
        Line { setting, ..mean_line(data, row, name, false) }
    });
    let lines: Vec<Line> = lines.collect();
    let title = "Mean gain over languages in entity F1 with its interval";
    let kind = "mean over languages";
    let is_there = !lines.is_empty();
    let group = Group { heading: String::new(), lines };
    is_there.then(|| draw("means".to_owned(), title, kind, &[group]))
}

/// The line of a mean on all entities.
fn mean_line<'a>(data: &'a StudyData, all: &'a MeanRow, name: String, chosen: bool) -> Line<'a> {
    let unseen = |row: &&MeanRow| row.family() == (&all.kind, all.setting.as_str(), Subset::Unseen);
    Line {
        name,
        setting: all.setting.clone(),
        chosen,
        seeds: all.seeds,
        all: Some(&all.measured),
        unseen: data.means.iter().find(unseen).map(|row| &row.measured),
    }
}

/// The lines of the languages, each at the setting that is best on dev.
fn of_languages<'a>(kind: &str, data: &'a StudyData) -> Vec<Line<'a>> {
    let rows = chosen_on_dev(data, kind);
    let line = |all: &&'a ComparisonRow| {
        let same = |row: &&ComparisonRow| {
            row.family() == (&all.kind, all.setting.as_str(), Subset::Unseen)
                && (&row.source, &row.target) == (&all.source, &all.target)
        };
        let unseen = data.comparisons.iter().find(same);
        // If every language has a single source, the target's code is enough.
        let alone = rows.iter().filter(|other| other.target == all.target).count() == 1;
        Line {
            name: if alone { all.target.clone() } else { all.languages() },
            setting: all.setting.clone(),
            chosen: settings(data, kind) > 1,
            seeds: all.seeds,
            all: all.measured.as_ref(),
            unseen: unseen.and_then(|row| row.measured.as_ref()),
        }
    };
    rows.iter().map(line).collect()
}

fn draw(name: String, title: &str, kind: &str, groups: &[Group]) -> Plot {
    let mut sheet = Sheet::new(name, title.to_owned());
    sheet.legend(&[
        (Swatch::Point(Shape::Circle, BLUE), "all entities".to_owned()),
        (Swatch::Point(Shape::Square, VERMILLION), "unseen mentions".to_owned()),
        (Swatch::Line(INK, "1 2"), "no gain".to_owned()),
    ]);
    let lines = || groups.iter().flat_map(|group| &group.lines);
    let headings = groups.iter().filter(|group| !group.heading.is_empty()).count();
    let height = HEIGHT * lines().count() as f64 + HEADING * headings as f64;
    let frame = sheet.frame(height + 8.0);
    let longest = lines().flat_map(|l| [&l.name, &l.setting]);
    let longest = longest.map(|name| text_width(name, TEXT)).fold(0.0, f64::max);
    let names = (longest + 10.0).clamp(NAMES, frame.right / 2.0);
    let frame = Frame { left: names, right: frame.right - NUMBERS, ..frame };
    let values = lines().flat_map(|line| [line.all, line.unseen]).flatten();
    let values = values.flat_map(|m| [m.gain, m.interval.0, m.interval.1]).chain([0.0]);
    let (scale, axis) = frame.horizontal(Scale::covering(values, 4), "gain in entity F1, points");
    sheet.add(axis);
    let zero = px(scale.at(0.0));
    sheet.add(html! {
        line x1=(zero) y1=(px(frame.top)) x2=(zero) y2=(px(frame.bottom)) stroke=(INK) stroke-dasharray="1 2" {}
    });
    let mut top = frame.top + 4.0;
    for group in groups {
        if !group.heading.is_empty() {
            let text = fit(&group.heading, frame.right + NUMBERS - 8.0, TEXT * 1.1);
            sheet.add(html! {
                text x="8" y=(px(top + 14.0)) font-weight="bold" stroke="white" stroke-width="3"
                    paint-order="stroke" { (text) }
            });
            top += HEADING;
        }
        for line in &group.lines {
            draw_line(&mut sheet, line, top, (&scale, &frame));
            top += HEIGHT;
        }
    }
    let messages: Vec<String> = groups.iter().map(|group| group_message(group)).collect();
    sheet.finish(format!(
        "Gain in entity F1 over the baseline, unless something else is named, with its 95 % interval, {kind}. {}. \
         Significant: paired permutation test over sentences, Holm-corrected.",
        messages.join(". ")
    ))
}

fn draw_line(sheet: &mut Sheet, one: &Line, top: f64, (scale, frame): (&Scale, &Frame)) {
    for (text, down) in heading(one, frame.left - 10.0).iter().zip([14.0, 28.0]) {
        sheet.add(label(frame.left - 6.0, top + down, "end", text));
    }
    let styles = [(Shape::Circle, BLUE, 10.0), (Shape::Square, VERMILLION, 24.0)];
    for (measured, (shape, colour, down)) in [one.all, one.unseen].into_iter().zip(styles) {
        let Some(Measured { gain, interval, .. }) = measured else { continue };
        if [*gain, interval.0, interval.1].into_iter().any(|value| !usable(value)) {
            continue;
        }
        let y = top + down;
        let [low, high] = [interval.0, interval.1].map(|value| scale.at(value));
        sheet.add(line((low, y), (high, y), colour, 1.6));
        for end in [low, high] {
            sheet.add(line((end, y - 3.0), (end, y + 3.0), colour, 1.6));
        }
        sheet.add(points(&[(scale.at(*gain), y)], shape, 3.5, colour));
        sheet.add(label(frame.right + NUMBERS, y + 4.0, "end", &signed(*gain, 1)));
    }
}

/// The two texts to the left of a line: its name and setting, or its name in two lines.
fn heading(line: &Line, room: f64) -> [String; 2] {
    if !line.setting.is_empty() {
        return [&line.name, &line.setting].map(|text| fit(text, room, TEXT));
    }
    let lines = wrap(&line.name, room, TEXT);
    let (first, rest) = lines.split_first().expect("never empty");
    [first.clone(), fit(&rest.join(" "), room, TEXT)]
}

fn group_message(group: &Group) -> String {
    let lines: Vec<String> = group.lines.iter().map(message).collect();
    match group.heading.is_empty() {
        true => lines.join("; "),
        false => format!("{}: {}", group.heading, lines.join("; ")),
    }
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
        format!("{}, {}", part(m), m.verdict().with_seeds(line.seeds))
    });
    let unseen = line.unseen.map_or(String::new(), |m| format!("; on unseen mentions {}", part(m)));
    format!("{}{at}: {all}{unseen}", line.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_without_a_setting_takes_two_lines() {
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
