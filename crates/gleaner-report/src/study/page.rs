//! The report of a study as one HTML file: no script, no external resource, readable on a phone and on paper.
//!
//! The page opens with the answers and one plot. Everything else is in folded sections.

mod examples;
mod parts;
mod statistics;

use super::StudyData;
use super::answers::{Answer, TEST, answers};
use super::overview::Grid;
use super::plot::{self, Plot, visible};
use maud::{DOCTYPE, Markup, PreEscaped, html as markup};
use parts::{Part, parts};

/// The report as HTML. Everything from the data is escaped.
pub fn html(data: &StudyData) -> String {
    let (present, absent): (Vec<Part>, Vec<Part>) =
        parts(data).into_iter().partition(|part| part.body.is_ok());
    let page = markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (data.title) }
                style { (PreEscaped(include_str!("page/style.css"))) }
            }
            body {
                header { h1 dir="auto" { (data.title) } }
                main {
                    (opening(data))
                    @for part in &present { (folded(part)) }
                    @if !absent.is_empty() { (missing(&absent)) }
                }
            }
        }
    };
    visible(&page.into_string())
}

/// The answers and their plot.
fn opening(data: &StudyData) -> Markup {
    let answers = answers(data);
    let sentence = |Answer { languages, experiment, result, .. }: &Answer| {
        markup! { li { strong dir="auto" { (languages) } ", " (experiment) ": " (result) } }
    };
    markup! {
        section.answers aria-label="Answers" {
            @if answers.is_empty() { p { "No run is finished." } }
            @else { ul { @for answer in &answers { (sentence(answer)) } } }
            @if answers.iter().any(|answer| answer.finding.is_some()) { p.help { (TEST) } }
            @if let Some(plot) = plot::answers(data) { figure { (PreEscaped(plot.svg)) } }
        }
    }
}

fn folded(part: &Part) -> Markup {
    markup! {
        @if let Ok(body) = &part.body {
            details.part id=(part.id) {
                summary { h2 { (part.heading) } }
                (body)
            }
        }
    }
}

/// The parts without data, each with what would fill it.
fn missing(parts: &[Part]) -> Markup {
    markup! {
        details.part {
            summary { h2 { "Not in this study" } }
            @for part in parts {
                @if let Err(filled_by) = part.body {
                    p.absent { strong { (part.heading) } ": " (filled_by) }
                }
            }
        }
    }
}

fn figures(plots: Vec<Plot>) -> Markup {
    markup! {
        div.figures {
            @for plot in plots {
                // Screen readers read the same text from the drawing.
                figure { (PreEscaped(plot.svg)) figcaption aria-hidden="true" { (plot.alt) } }
            }
        }
    }
}

fn table(caption: &str, grid: &Grid) -> Markup {
    let cells = |row: &[String]| {
        markup! {
            @for (column, cell) in row.iter().enumerate() {
                @if column == 0 { th scope="row" dir="auto" { (cell) } }
                @else if column < grid.texts { td.text dir="auto" { (cell) } }
                @else { td { (cell) } }
            }
        }
    };
    markup! {
        p.caption { (caption) }
        div.scroll role="region" aria-label=(caption) tabindex="0" {
            table {
                thead {
                    tr {
                        @for (column, heading) in grid.headings.iter().enumerate() {
                            th scope="col" class=[(column < grid.texts).then_some("text")] { (heading) }
                        }
                    }
                }
                tbody { @for row in &grid.rows { tr { (cells(row)) } } }
                @if let Some(mean) = &grid.mean { tfoot { tr { (cells(mean)) } } }
            }
        }
    }
}

#[cfg(test)]
mod tests;
