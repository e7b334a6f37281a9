//! A drawing from top to bottom: title, legend, frames with axes.
//!
//! Gleaner draws its few shapes itself: plotting crates write text that becomes too small on a phone, no alternative
//! text, and numbers at full length. A drawing is as wide as a phone, so that it is hardly scaled down there.

use console::{measure_text_width, truncate_str};
use maud::{Markup, PreEscaped, html};

use super::Plot;
use super::scale::Scale;
use super::style::{GRID, INK, Shape, points};
use crate::study::number::fixed;

/// The width of every drawing, in units that are pixels on a phone.
pub(crate) const WIDTH: f64 = 360.0;
/// The size of text.
pub(crate) const TEXT: f64 = 12.0;
const TITLE: f64 = 14.0;
const LINE: f64 = 17.0;
/// Width for the numbers of a vertical axis.
const LEFT: f64 = 46.0;
/// Height for the numbers and the name of a horizontal axis, and the gap below.
const AXIS: f64 = 54.0;
/// Half a number's width is kept free on the right.
const RIGHT: f64 = WIDTH - 16.0;

/// A length or place as an attribute.
pub(crate) fn px(value: f64) -> String {
    format!("{value:.1}")
}

/// The estimated width of the text, for a wide font.
pub(crate) fn text_width(text: &str, size: f64) -> f64 {
    measure_text_width(text) as f64 * size * 0.61
}

/// The text, cut if it is wider than the room.
pub(crate) fn fit(text: &str, room: f64, size: f64) -> String {
    let columns = (room / (size * 0.61)).floor().max(1.0) as usize;
    let text = visible(text);
    // The ellipsis is wider than most letters.
    let cut = if measure_text_width(&text) > columns { columns.max(2) - 1 } else { columns };
    truncate_str(&text, cut, "…").into_owned()
}

/// The text in lines that fit into the room; longer words are cut.
pub(crate) fn wrap(text: &str, room: f64, size: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let word = fit(word, room, size);
        let line = lines.last_mut().expect("never empty");
        if !line.is_empty() && text_width(&format!("{line} {word}"), size) > room {
            lines.push(word);
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            *line += &word;
        }
    }
    lines
}

/// A text whose baseline lies at `y`.
pub(crate) fn label(x: f64, y: f64, anchor: &str, text: &str) -> Markup {
    html! { text x=(px(x)) y=(px(y)) text-anchor=(anchor) { (text) } }
}

/// A straight line.
pub(crate) fn line(from: (f64, f64), to: (f64, f64), colour: &str, width: f64) -> Markup {
    html! {
        line x1=(px(from.0)) y1=(px(from.1)) x2=(px(to.0)) y2=(px(to.1)) stroke=(colour) stroke-width=(width) {}
    }
}

/// The sample beside a name in a legend.
pub(crate) enum Swatch {
    /// A point of this shape and colour.
    Point(Shape, &'static str),
    /// A line of this colour and dash pattern.
    Line(&'static str, &'static str),
    /// An area with this fill and border.
    Area(String, &'static str),
}

/// The rectangle that data are drawn into.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

impl Frame {
    /// The scale drawn from bottom to top, with its lines, numbers and name.
    pub(crate) fn vertical(&self, scale: Scale, name: &str) -> (Scale, Markup) {
        let scale = scale.drawn(self.bottom, self.top);
        let markup = html! {
            (label(self.left, self.top - 6.0, "start", name))
            @for number in scale.numbers() {
                @let y = scale.at(number);
                (line((self.left, y), (self.right, y), GRID, 1.0))
                (label(self.left - 4.0, y + 4.0, "end", &fixed(number, scale.decimals())))
            }
        };
        (scale, markup)
    }

    /// The scale drawn from left to right, with its ticks, numbers and name.
    pub(crate) fn horizontal(&self, scale: Scale, name: &str) -> (Scale, Markup) {
        let scale = scale.drawn(self.left, self.right);
        let ticks: Vec<(f64, String)> = scale
            .numbers()
            .into_iter()
            .map(|number| (scale.at(number), fixed(number, scale.decimals())))
            .collect();
        let markup = self.ticks(&ticks, name);
        (scale, markup)
    }

    /// The places of categories side by side, with their names and that of the axis.
    pub(crate) fn categories(&self, names: &[String], name: &str) -> (Vec<f64>, Markup) {
        let slot = (self.right - self.left) / names.len().max(1) as f64;
        let places: Vec<f64> =
            (0..names.len()).map(|number| self.left + slot * (number as f64 + 0.5)).collect();
        let ticks: Vec<(f64, String)> = places
            .iter()
            .copied()
            .zip(names.iter().map(|name| fit(name, slot.max(60.0), TEXT)))
            .collect();
        (places, self.ticks(&ticks, name))
    }

    /// Names below the frame; only every n-th where all would overlap.
    fn ticks(&self, ticks: &[(f64, String)], name: &str) -> Markup {
        let widest = ticks.iter().map(|(_, text)| text_width(text, TEXT)).fold(0.0, f64::max);
        let slot = (self.right - self.left) / ticks.len().max(1) as f64;
        let every = ((widest + 4.0) / slot).ceil().max(1.0) as usize;
        html! {
            (line((self.left, self.bottom), (self.right, self.bottom), INK, 1.0))
            @for (x, text) in ticks.iter().step_by(every) {
                (line((*x, self.bottom), (*x, self.bottom + 3.0), INK, 1.0))
                (label(*x, self.bottom + 18.0, "middle", text))
            }
            (label((self.left + self.right) / 2.0, self.bottom + 33.0, "middle", name))
        }
    }
}

/// A drawing that grows downwards.
pub(crate) struct Sheet {
    name: String,
    title: String,
    body: String,
    /// Where the next element goes.
    y: f64,
}

impl Sheet {
    /// A drawing with a title and a name, which must be an XML name that no other drawing has.
    pub(crate) fn new(name: String, title: String) -> Self {
        let mut sheet = Sheet { name, title, body: String::new(), y: 18.0 };
        for text in wrap(&sheet.title, WIDTH - 16.0, TITLE * 1.1) {
            sheet.add(html! {
                text x="8" y=(px(sheet.y)) font-size=(TITLE) font-weight="bold" { (text) }
            });
            sheet.y += LINE;
        }
        sheet
    }

    /// Adds markup that has its own place.
    pub(crate) fn add(&mut self, markup: Markup) {
        let PreEscaped(text) = markup;
        self.body += &text;
    }

    /// Adds a legend, in as many lines as it needs.
    pub(crate) fn legend(&mut self, items: &[(Swatch, String)]) {
        let mut x = 8.0;
        for (swatch, name) in items {
            let name = fit(name, WIDTH - 40.0, TEXT);
            let width = 20.0 + text_width(&name, TEXT) + 8.0;
            if x > 8.0 && x + width > WIDTH {
                x = 8.0;
                self.y += LINE;
            }
            let middle = self.y - 4.0;
            self.add(html! {
                @match swatch {
                    Swatch::Point(shape, colour) => { (points(&[(x + 8.0, middle)], *shape, 4.0, colour)) },
                    Swatch::Line(colour, dash) => {
                        line x1=(px(x)) y1=(px(middle)) x2=(px(x + 16.0)) y2=(px(middle))
                            stroke=(colour) stroke-width="2" stroke-dasharray=(dash) {}
                    },
                    Swatch::Area(fill, border) => {
                        rect x=(px(x)) y=(px(middle - 5.0)) width="16" height="10" fill=(fill) stroke=(border) {}
                    },
                }
                (label(x + 20.0, self.y, "start", &name))
            });
            x += width;
        }
        if !items.is_empty() {
            self.y += LINE;
        }
    }

    /// Reserves a line of text and returns its baseline.
    pub(crate) fn line(&mut self) -> f64 {
        self.space(LINE)
    }

    /// Reserves this height and returns its top.
    pub(crate) fn space(&mut self, height: f64) -> f64 {
        self.y += height;
        self.y - height
    }

    /// Reserves a frame of this height, with space for axes.
    pub(crate) fn frame(&mut self, height: f64) -> Frame {
        let top = self.y + 8.0;
        self.y = top + height + AXIS;
        Frame { left: LEFT, right: RIGHT, top, bottom: top + height }
    }

    /// Reserves two frames of this height side by side.
    pub(crate) fn frames(&mut self, height: f64) -> [Frame; 2] {
        let frame = self.frame(height);
        let middle = WIDTH / 2.0;
        [Frame { right: middle - 12.0, ..frame }, Frame { left: middle + LEFT - 8.0, ..frame }]
    }

    /// A pattern of stripes as a fill.
    pub(crate) fn stripes(&mut self, colour: &str) -> String {
        let name = format!("{}-stripes", self.name);
        self.add(html! {
            defs {
                pattern id=(name) width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    rect width="5" height="5" fill="white" {}
                    rect width="2.5" height="5" fill=(colour) {}
                }
            }
        });
        format!("url(#{name})")
    }

    /// The drawing as a file of its own, with its message in words.
    pub(crate) fn finish(self, alt: String) -> Plot {
        let Sheet { name, title, body, y } = self;
        let height = px(y - 8.0);
        let markup = html! {
            svg xmlns="http://www.w3.org/2000/svg" viewBox=(format!("0 0 {WIDTH} {height}"))
                width=(WIDTH * 2.0) height=(px((y - 8.0) * 2.0)) role="img"
                aria-labelledby=(format!("{name}-title {name}-alt"))
                font-family="system-ui, 'Noto Sans', sans-serif" font-size=(TEXT) fill=(INK) {
                title id=(format!("{name}-title")) { (title) }
                desc id=(format!("{name}-alt")) { (alt) }
                rect width="100%" height="100%" fill="white" {}
                (PreEscaped(body))
            }
        };
        Plot { name, title, alt, svg: visible(&markup.into_string()) }
    }
}

/// The text with harmful characters replaced: those that XML 1.0 (section 2.2) forbids, and overrides of text
/// direction.
pub(crate) fn visible(text: &str) -> String {
    let odd = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if odd(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_titles_are_wrapped_and_long_words_cut() {
        let lines = wrap("of confidence among pseudo-labelled sentences", 120.0, TEXT);
        assert_eq!(lines, ["of confidence", "among", "pseudo-labelled", "sentences"]);
        assert_eq!(wrap(&"o".repeat(99), 60.0, TEXT), ["oooooo…"]);
        assert_eq!(wrap("", 60.0, TEXT), [""]);
        assert_eq!(fit("人名人名", 46.0, TEXT), "人名…");
    }

    #[test]
    fn harmful_characters_are_replaced() {
        assert_eq!(visible("a\u{1}\u{202e}\u{ffff}\nb"), "a\u{fffd}\u{fffd}\u{fffd}\nb");
    }
}
