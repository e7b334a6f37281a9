//! Colours and shapes. A series has both, so that no information is in colour alone.

use maud::{Markup, html};

use super::drawing::px;

/// The colours of Okabe and Ito (2008), which can be distinguished with any kind of colour vision; the ones with the
/// least contrast to white last.
const COLOURS: [&str; 8] =
    ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442"];

/// The colour of a single series.
pub(crate) const BLUE: &str = COLOURS[0];
/// The colour of a second series.
pub(crate) const VERMILLION: &str = COLOURS[1];
/// A light fill.
pub(crate) const SKY: &str = COLOURS[5];
/// Text and main lines.
pub(crate) const INK: &str = "#222";
/// Grid lines.
pub(crate) const GRID: &str = "#ddd";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Circle,
    Square,
    Up,
    Diamond,
    Down,
    Hourglass,
    Pill,
}

const SHAPES: [Shape; 7] = [
    Shape::Circle,
    Shape::Square,
    Shape::Up,
    Shape::Diamond,
    Shape::Down,
    Shape::Hourglass,
    Shape::Pill,
];

/// The colour of a series; colours repeat after eight.
pub(crate) fn colour(series: usize) -> &'static str {
    COLOURS[series % COLOURS.len()]
}

/// The shape of a series; shapes repeat after seven, so pairs of colour and shape after 56.
pub(crate) fn shape(series: usize) -> Shape {
    SHAPES[series % SHAPES.len()]
}

/// All points of a series as one path.
pub(crate) fn points(places: &[(f64, f64)], shape: Shape, radius: f64, colour: &str) -> Markup {
    let path: String = places.iter().map(|(x, y)| shape.path(*x, *y, radius)).collect();
    html! {
        @if !path.is_empty() {
            path d=(path) fill=(colour) stroke="white" stroke-width="0.3" {}
        }
    }
}

impl Shape {
    fn path(self, x: f64, y: f64, radius: f64) -> String {
        let [r, double] = [radius, radius * 2.0].map(px);
        match self {
            Shape::Circle => {
                let left = px(x - radius);
                format!("M{left} {}a{r} {r} 0 1 0 {double} 0a{r} {r} 0 1 0 -{double} 0z", px(y))
            }
            Shape::Square => {
                let side = px(radius * 1.8);
                let [left, top] = [x, y].map(|place| px(place - radius * 0.9));
                format!("M{left} {top}h{side}v{side}h-{side}z")
            }
            Shape::Up => {
                format!("M{} {}l{r} {double}h-{double}z", px(x), px(y - radius * 1.1))
            }
            Shape::Diamond => {
                format!("M{} {}l{r} {r}l-{r} {r}l-{r} -{r}z", px(x), px(y - radius))
            }
            Shape::Down => {
                format!("M{} {}l{r} -{double}h-{double}z", px(x), px(y + radius * 1.1))
            }
            Shape::Hourglass => {
                let left = px(x - radius);
                format!("M{left} {}h{double}l-{double} {double}h{double}z", px(y - radius))
            }
            Shape::Pill => {
                let left = px(x - radius);
                format!("M{left} {}h{double}v{r}h-{double}z", px(y - radius * 0.5))
            }
        }
    }
}
