//! Histograms of the confidence of added pseudo-labels and of the whole pool.

use maud::html;

use super::drawing::{Sheet, Swatch, px};
use super::lines::path;
use super::scale::Scale;
use super::style::{INK, SKY, VERMILLION};
use super::{Plot, slug};
use crate::study::Added;
use crate::study::number::{counted, fixed, percent};
use crate::study::spread::{quantile, sorted, usable};

const BINS: usize = 30;

/// The plot of one round of pseudo-labelling, the `number`th of all.
pub(crate) fn confidence(number: usize, round: &Added) -> Plot {
    let Added { run, language, epoch, threshold, .. } = round;
    let name = format!("confidence-{number}-{}", slug(&format!("{language} {run}")));
    let title = format!("Confidence of pseudo-labels, {language}: {run}, epoch {epoch}");
    let mut sheet = Sheet::new(name, title);
    let stripes = sheet.stripes(VERMILLION);
    let [pool, added] = [&round.pool, &round.added]
        .map(|values| sorted(values.iter().map(|value| f64::from(*value))));
    let threshold = threshold.map(f64::from);
    let mut legend = vec![
        (Swatch::Area(SKY.to_owned(), INK), format!("pool ({})", round.pool_sentences)),
        (Swatch::Area(stripes.clone(), VERMILLION), format!("added ({})", round.added_sentences)),
    ];
    legend.extend(
        threshold.map(|t| (Swatch::Line(INK, "7 3"), format!("threshold {}", fixed(t, 4)))),
    );
    sheet.legend(&legend);
    let frame = sheet.frame(150.0);
    let everything = pool.iter().chain(&added).copied().chain(threshold);
    let (x, axis) = frame.horizontal(Scale::covering(everything, 4), "confidence, 0 to 1");
    sheet.add(axis);
    let [pool_parts, added_parts] = [&pool, &added].map(|values| parts(values, &x));
    let highest = pool_parts.iter().chain(&added_parts).copied().chain([0.0]);
    let (y, axis) = frame.vertical(Scale::covering(highest, 4), "share of sentences, %");
    sheet.add(axis);
    let width = (frame.right - frame.left) / BINS as f64;
    for (parts, fill, border, inset) in
        [(&pool_parts, SKY, INK, 0.0), (&added_parts, stripes.as_str(), VERMILLION, 0.22)]
    {
        for (bin, part) in parts.iter().enumerate().filter(|(_, part)| **part > 0.0) {
            let left = frame.left + (bin as f64 + inset) * width;
            sheet.add(html! {
                rect x=(px(left)) y=(px(y.at(*part))) width=(px(width * (1.0 - 2.0 * inset)))
                    height=(px(frame.bottom - y.at(*part))) fill=(fill) stroke=(border) stroke-width="0.7" {}
            });
        }
    }
    if let Some(threshold) = threshold.filter(|t| usable(*t)) {
        let place = x.at(threshold);
        sheet.add(path(&[(place, frame.top), (place, frame.bottom)], INK, "7 3"));
    }
    sheet.finish(message(round, &pool, &added))
}

/// The share of the values in each bin, in per cent.
fn parts(values: &[f64], scale: &Scale) -> [f64; BINS] {
    let mut parts = [0.0; BINS];
    for value in values {
        let bin = (value - scale.low()) / (scale.high() - scale.low()) * BINS as f64;
        parts[(bin as usize).min(BINS - 1)] += 100.0 / values.len() as f64;
    }
    parts
}

fn message(round: &Added, pool: &[f64], added: &[f64]) -> String {
    let Added { run, language, epoch, .. } = round;
    let threshold = round
        .threshold
        .map(|t| format!("; threshold {}", fixed(f64::from(t), 4)))
        .unwrap_or_default();
    format!(
        "Confidence of pseudo-labels, {run} ({language}), epoch {epoch}: {} of {} added ({}); \
         median confidence {} of those added, {} of the pool{threshold}.",
        round.added_sentences,
        counted(round.pool_sentences, "sentence"),
        percent(round.added_sentences, round.pool_sentences),
        fixed(quantile(added, 0.5), 4),
        fixed(quantile(pool, 0.5), 4),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_of_sentences_not_of_drawn_confidences() {
        let round = Added {
            run: "run".into(),
            language: "fo".into(),
            epoch: 4,
            added_sentences: 201,
            pool_sentences: 500,
            added: vec![0.9; 200],
            pool: vec![0.5; 200],
            threshold: None,
        };
        let svg = confidence(1, &round).svg;
        assert!(svg.contains("201 of 500 sentences added (40"), "{svg}");
        assert!(svg.contains("pool (500)") && svg.contains("added (201)"), "{svg}");
        assert!(!svg.contains("threshold"), "{svg}");
    }
}
