//! Orders of a small pool by taggers that were trained for a moment.

use super::*;
use crate::{Dataset, Overrides, Settings, train};
use std::collections::BTreeSet;

/// Taggers of these seeds, and sentences that they were not trained on.
fn taggers(seeds: &[u64]) -> (Ensemble, Vec<Sentence>) {
    let mut pool = Vec::new();
    let tagger = |&seed: &u64| {
        let file: Overrides = toml::from_str(&format!(
            "encoder = \"sample:tiny\"\ndata = \"sample:af\"\nepochs = 2\nlstm-units = 8\nlstm-layers = 1\n\
             rate-encoder = 1e-3\nresamples = 0\nseed = {seed}"
        ))
        .unwrap();
        let settings = Settings::resolve(&[&file]).unwrap();
        let mut data = Dataset::load(&settings).unwrap();
        pool = data.train.sentences.split_off(60);
        pool.truncate(40);
        train::fit(&settings, data, None, &mut |_: &train::Event| {}).unwrap().tagger
    };
    let members = seeds.iter().map(tagger).collect();
    (Ensemble::new(members).unwrap(), pool)
}

fn query(order: Order, take: usize) -> Query {
    Query { order, take, seed: 3 }
}

/// The smallest margin of every sentence by one tagger.
fn margins(tagger: &Tagger, pool: &[Sentence]) -> Vec<f64> {
    let words: Vec<&[String]> = pool.iter().map(|s| s.words.as_slice()).collect();
    let smallest = |rows: &Vec<f64>| {
        let of_word = |row: &[f64]| {
            let mut row = row.to_vec();
            row.sort_by(f64::total_cmp);
            row[row.len() - 1] - row[row.len() - 2]
        };
        rows.chunks(tagger.labels().len()).map(of_word).fold(1.0, f64::min)
    };
    tagger.tag_probabilities(&words).unwrap().iter().map(smallest).collect()
}

#[test]
fn orders_of_one_tagger() {
    let (models, mut pool) = taggers(&[1]);
    let margins = margins(&models.members()[0], &pool);
    let by_margin = next(&models, &pool, &query(Order::Margin, 40)).unwrap();
    assert_eq!(by_margin.iter().collect::<BTreeSet<_>>().len(), 40);
    assert!(by_margin.is_sorted_by(|&a, &b| margins[a] <= margins[b] + 1e-9), "{by_margin:?}");
    assert!(!by_margin.is_sorted(), "the test needs margins that differ");
    // Fewer are the first of more.
    assert_eq!(next(&models, &pool, &query(Order::Margin, 7)).unwrap(), by_margin[..7]);

    // Five of the twenty with the smallest margins, of which the first comes first.
    let diverse = next(&models, &pool, &query(Order::Diverse, 5)).unwrap();
    assert_eq!(diverse[0], by_margin[0]);
    assert!(diverse.iter().all(|i| by_margin[..20].contains(i)), "{diverse:?} {by_margin:?}");
    assert_ne!(diverse, by_margin[..5]);
    assert_eq!(diverse, next(&models, &pool, &query(Order::Diverse, 5)).unwrap());
    let other = Query { seed: 4, ..query(Order::Diverse, 5) };
    assert_ne!(diverse, next(&models, &pool, &other).unwrap());

    let error = next(&models, &pool, &query(Order::Disagreement, 5)).unwrap_err().to_string();
    assert!(error.contains("needs two models or more; "), "{error}");

    // Tags do not matter. Sentences without words come after the others, and copies come last.
    for sentence in &mut pool {
        sentence.tags.clear();
    }
    pool.insert(0, Sentence { words: Vec::new(), ..pool[0].clone() });
    pool.push(pool[by_margin[0] + 1].clone());
    let again = next(&models, &pool, &query(Order::Margin, 100)).unwrap();
    assert_eq!(again[..40], by_margin.iter().map(|&i| i + 1).collect::<Vec<_>>());
    assert_eq!(again[40..], [0, 41]);
    for order in [Order::Random, Order::Margin, Order::Entropy, Order::Diverse] {
        assert_eq!(next(&models, &[], &query(order, 5)).unwrap(), [0usize; 0], "{order}");
        assert_eq!(next(&models, &pool, &query(order, 0)).unwrap(), [0usize; 0], "{order}");
        let all = next(&models, &pool, &query(order, 100)).unwrap();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 42, "{order}");
    }
}

#[test]
fn the_order_of_disagreement_is_that_of_both_taggers() {
    let (models, pool) = taggers(&[1, 2]);
    let found = next(&models, &pool, &query(Order::Disagreement, 40)).unwrap();
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 40);
    let scores = scores(models.members(), &pool, doubt::disagreement).unwrap();
    assert!(found.is_sorted_by(|&a, &b| scores[a] >= scores[b]));
    assert!(scores.iter().all(|s| (0.0..=2f64.ln() + 1e-12).contains(s)), "{scores:?}");
    assert_ne!(found, next(&models, &pool, &query(Order::Margin, 40)).unwrap());
}

#[test]
fn one_pass_gives_the_tags_of_the_ensemble_and_the_calibrated_probability_of_no_entity() {
    let (models, pool) = taggers(&[1, 2]);
    let words: Vec<&[String]> = pool.iter().map(|s| s.words.as_slice()).collect();
    let of_mean = |members: &[Tagger]| -> Vec<Vec<f64>> {
        let of = |tagger: &Tagger| tagger.tag_probabilities(&words).unwrap();
        let (labels, all) = (members[0].labels().len(), members.iter().map(of).collect::<Vec<_>>());
        let at = |sentence: usize, word: usize| {
            let of_member = |found: &Vec<Vec<f64>>| found[sentence][word * labels];
            all.iter().map(of_member).sum::<f64>() / members.len() as f64
        };
        let of_sentence = |i: usize| (0..words[i].len()).map(|word| at(i, word)).collect();
        (0..words.len()).map(of_sentence).collect()
    };
    let near = |a: &[Vec<f64>], b: &[Vec<f64>]| {
        a.concat().iter().zip(b.concat()).all(|(a, b)| (a - b).abs() < 1e-9)
    };
    let mut members = models.into_members();
    assert!(members.iter().all(|member| member.labels().names()[0] == "O"));
    while !members.is_empty() {
        for temperature in [1.0, 3.0] {
            for member in &mut members {
                member.temperature = temperature;
            }
            let models = Ensemble::new(members).unwrap();
            let (tagged, outside): (Vec<_>, Vec<_>) =
                models.tag_with_outside(&words).unwrap().into_iter().unzip();
            assert_eq!(tagged, models.tag(&words).unwrap());
            // `tag_probabilities` gives those of temperature 1.
            let plain = of_mean(models.members());
            assert_eq!(near(&outside, &plain), temperature == 1.0);
            members = models.into_members();
        }
        // An ensemble of one labels as its member does.
        members.pop();
    }
}

#[test]
fn random_order_needs_no_tagger() {
    let all = random(50, 50, 1);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 50);
    assert_eq!(random(50, 20, 1), all[..20]);
    assert_ne!(random(50, 50, 2), all);
    assert_eq!(random(3, 9, 1).len(), 3);
}

#[test]
fn a_vector_is_the_mean_over_pieces_and_does_not_depend_on_other_sentences() {
    let (models, pool) = taggers(&[1]);
    let tagger = &models.members()[0];
    let words: Vec<&[String]> = pool.iter().map(|s| s.words.as_slice()).collect();
    let together = tagger.sentence_vectors(&words).unwrap();
    let near = |a: &[f32], b: &[f32]| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5)
    };
    for (words, vector) in words.iter().zip(&together) {
        let alone = tagger.sentence_vectors(&[words]).unwrap().remove(0);
        assert!(near(&alone, vector));
    }
    let encoded = tagger.encode(&words[..1]);
    let ids = &encoded.windows[0].sequence.ids;
    let hidden = tagger.network.hidden(&gleaner_nn::Packed::new([ids.as_slice()])).unwrap();
    let width = hidden.len() / ids.len();
    let pieces = ids.len() - 2;
    let sum = |at: usize| hidden[width..].iter().skip(at).step_by(width).take(pieces).sum::<f32>();
    let mean: Vec<f32> = (0..width).map(|at| sum(at) / pieces as f32).collect();
    assert!(near(&mean, &together[0]));
    // A sentence that needs several windows has one vector, and one without words is 0.
    let long = pool.iter().flat_map(|s| s.words.clone()).collect::<Vec<_>>();
    assert!(tagger.encode(&[long.as_slice()]).windows.len() > 1);
    let vectors = tagger.sentence_vectors(&[long.as_slice(), &[]]).unwrap();
    assert!(!near(&vectors[0], &vectors[1]) && near(&vectors[1], &vec![0.0; width]));
}
