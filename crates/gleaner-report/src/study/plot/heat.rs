//! The confusion of entity types as shaded cells with numbers.

use maud::{Markup, html};

use super::drawing::{Sheet, TEXT, WIDTH, fit, label, px};
use super::{Plot, slug};
use crate::study::ConfusionTable;
use crate::study::number::percent;
use crate::study::spread::total;

const HEIGHT: f64 = 36.0;
const NAMES: f64 = 76.0;
const RIGHT: f64 = WIDTH - 8.0;

/// The plot of one table, the `number`th of all.
pub(crate) fn confusion(number: usize, table: &ConfusionTable) -> Plot {
    let ConfusionTable { run, language, types, spurious, .. } = table;
    let name = format!("confusion-{number}-{}", slug(&format!("{language} {run}")));
    let mut sheet = Sheet::new(name, format!("Confusion of types, {language}: {run}"));
    let columns = types.len() + 1;
    let width = ((RIGHT - NAMES) / columns as f64).min(72.0);
    let y = sheet.line();
    sheet.add(label(NAMES, y, "start", "predicted"));
    let y = sheet.line();
    sheet.add(label(NAMES - 6.0, y, "end", "gold"));
    for (column, name) in types.iter().map(String::as_str).chain(["missed"]).enumerate() {
        let text = fit(name, width - 2.0, TEXT);
        sheet.add(label(NAMES + (column as f64 + 0.5) * width, y, "middle", &text));
    }
    for (row, name) in types.iter().enumerate() {
        draw_row(&mut sheet, name, gold_row(table, row), width);
    }
    sheet.space(6.0);
    let spurious = (0..types.len()).map(|column| spurious.get(column).copied()).collect();
    draw_row(&mut sheet, "spurious", spurious, width);
    let alt = message(table);
    sheet.finish(alt)
}

fn draw_row(sheet: &mut Sheet, name: &str, counts: Vec<Option<usize>>, width: f64) {
    let top = sheet.space(HEIGHT) - 10.0;
    let name = fit(name, NAMES - 10.0, TEXT);
    sheet.add(label(NAMES - 6.0, top + HEIGHT / 2.0 + 4.0, "end", &name));
    let all = total(counts.iter().flatten().copied());
    for (column, count) in counts.into_iter().enumerate() {
        sheet.add(cell((NAMES + column as f64 * width, top, width), count, all));
    }
}

/// The counts of a gold type by predicted type, then the missed ones; `None` where the table is too short.
fn gold_row(table: &ConfusionTable, row: usize) -> Vec<Option<usize>> {
    let counts = table.counts.get(row);
    (0..=table.types.len()).map(|column| counts?.get(column).copied()).collect()
}

/// A count, shaded by its share of the row.
fn cell((left, top, width): (f64, f64, f64), count: Option<usize>, all: usize) -> Markup {
    let part = count.map_or(0.0, |count| count as f64 / all.max(1) as f64);
    // From white towards the palette's blue, light enough for black text.
    let mix = |full: f64| (255.0 + (full - 255.0) * part * 0.7).round() as u8;
    let fill = format!("#{:02x}{:02x}{:02x}", mix(0.0), mix(114.0), mix(178.0));
    let middle = left + width / 2.0;
    let text = count.map_or("–".to_owned(), |count| count.to_string());
    let size = (width / (text.len() as f64 * 0.66)).min(13.0);
    html! {
        rect x=(px(left + 1.0)) y=(px(top + 1.0)) width=(px((width - 2.0).max(0.5))) height=(px(HEIGHT - 2.0))
            fill=(fill) stroke="#bbb" {}
        text x=(px(middle)) y=(px(top + 17.0)) text-anchor="middle" font-size=(px(size)) { (text) }
        @if width >= 44.0 && count.is_some() && all > 0 {
            @let part = percent(count.unwrap_or(0), all);
            text x=(px(middle)) y=(px(top + 30.0)) text-anchor="middle" font-size="10.5" { (part) }
        }
    }
}

fn message(table: &ConfusionTable) -> String {
    let ConfusionTable { run, language, types, spurious, .. } = table;
    let rows: Vec<String> = types
        .iter()
        .enumerate()
        .map(|(row, name)| {
            let counts = gold_row(table, row);
            let all = total(counts.iter().flatten().copied());
            let correct = counts[row].unwrap_or(0);
            let missed = counts[types.len()].unwrap_or(0);
            format!(
                "{name}: {correct} of {all} correct ({}), {} as another type, {missed} missed",
                percent(correct, all),
                all.saturating_sub(correct).saturating_sub(missed),
            )
        })
        .collect();
    let spurious: Vec<String> =
        types.iter().zip(spurious).map(|(name, count)| format!("{count} {name}")).collect();
    if rows.is_empty() {
        return format!("Confusion of entity types, {run} ({language}): no types.");
    }
    format!(
        "Confusion of entity types, {run} ({language}). {}. Spurious: {}. Shades and percentages are shares of a row.",
        rows.join("; "),
        spurious.join(", "),
    )
}
