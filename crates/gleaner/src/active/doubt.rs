//! How doubtful a sentence is to one tagger or several, from the marginal probabilities of its tags.

/// A measure of a sentence: the marginals of every member, each `[words, tags]`, and the number of tags. A word that a
/// member cuts off has marginals of 0 and is left out for that member. More useful sentences have larger values;
/// sentences without words have −∞.
pub(super) type Measure = fn(&[&[f64]], usize) -> f64;

/// 1 minus the smallest margin of a word: the mean marginal of its best tag minus that of the second best.
pub(super) fn doubt(members: &[&[f64]], tags: usize) -> f64 {
    let doubt = |rows: &[&[f64]]| {
        let mut mean = mean(rows, tags);
        mean.sort_by(|a, b| b.total_cmp(a));
        Some(1.0 - (mean[0] - mean.get(1).unwrap_or(&0.0)))
    };
    largest(members, tags, doubt)
}

/// The sum over words of the entropy of their mean marginals, in nats.
pub(super) fn entropy(members: &[&[f64]], tags: usize) -> f64 {
    let of_word = |rows: &[&[f64]]| {
        let mean = mean(rows, tags);
        Some(-mean.iter().filter(|p| **p > 0.0).map(|p| p * p.ln()).sum::<f64>())
    };
    of_words(members, tags, of_word).reduce(|a, b| a + b).unwrap_or(f64::NEG_INFINITY)
}

/// The largest disagreement about a word: the mean Kullback-Leibler divergence of the members' marginals from their
/// mean, in nats. Words that fewer than two members read are left out.
pub(super) fn disagreement(members: &[&[f64]], tags: usize) -> f64 {
    let divergence = |rows: &[&[f64]]| {
        if rows.len() < 2 {
            return None;
        }
        let mean = mean(rows, tags);
        let of = |row: &&[f64]| -> f64 {
            let terms = row.iter().zip(&mean).filter(|(p, _)| **p > 0.0);
            terms.map(|(p, q)| p * (p / q).ln()).sum()
        };
        Some(rows.iter().map(of).sum::<f64>() / rows.len() as f64)
    };
    largest(members, tags, divergence)
}

/// The largest value of the words; −∞ if there is none.
fn largest(members: &[&[f64]], tags: usize, of_word: impl Fn(&[&[f64]]) -> Option<f64>) -> f64 {
    of_words(members, tags, of_word).fold(f64::NEG_INFINITY, f64::max)
}

/// The values of the words, each given the marginals of the members that read the word.
fn of_words(
    members: &[&[f64]],
    tags: usize,
    of_word: impl Fn(&[&[f64]]) -> Option<f64>,
) -> impl Iterator<Item = f64> {
    let words = members.first().map_or(0, |rows| rows.len() / tags);
    (0..words).filter_map(move |word| {
        let rows = members.iter().map(|rows| &rows[word * tags..][..tags]);
        let read: Vec<&[f64]> = rows.filter(|row| row.iter().any(|&p| p > 0.0)).collect();
        if read.is_empty() { None } else { of_word(&read) }
    })
}

/// The mean of rows of `tags` numbers.
fn mean(rows: &[&[f64]], tags: usize) -> Vec<f64> {
    let part = 1.0 / rows.len() as f64;
    (0..tags).map(|tag| rows.iter().map(|row| row[tag]).sum::<f64>() * part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_as_doubtful_as_its_most_doubtful_word() {
        // Margins 0.9, 0.2 and 0.4.
        let one = [0.95, 0.05, 0.0, 0.5, 0.3, 0.2, 0.1, 0.65, 0.25];
        assert!((doubt(&[&one], 3) - 0.8).abs() < 1e-12);
        // Certain words change nothing, however many there are.
        let with_others = [[1.0, 0.0, 0.0].repeat(50), one.to_vec()].concat();
        assert_eq!(doubt(&[&with_others], 3), doubt(&[&one], 3));
    }

    #[test]
    fn the_margin_of_several_members_is_that_of_their_mean() {
        // Each is certain, but of another tag: the mean is 0.5, 0.5.
        let (a, b) = ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]);
        assert!((doubt(&[&a, &b], 3) - 1.0).abs() < 1e-12);
        assert!(doubt(&[&a, &a], 3).abs() < 1e-12);
    }

    #[test]
    fn disagreement_is_the_divergence_from_the_mean() {
        // Certain of different tags: ln 2. Equally uncertain: 0, although the margin is 0 too.
        let (a, b) = ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]);
        assert!((disagreement(&[&a, &b], 3) - 2f64.ln()).abs() < 1e-12);
        let even = [0.5, 0.5, 0.0];
        assert!(disagreement(&[&even, &even], 3).abs() < 1e-12);
        // p = (1, 0) and q = (1/2, 1/2) with the mean (3/4, 1/4).
        let by_hand = ((4.0f64 / 3.0).ln() + ((2.0f64 / 3.0).ln() + 2f64.ln()) / 2.0) / 2.0;
        assert!((disagreement(&[&a, &even], 3) - by_hand).abs() < 1e-12);
        // The word where they disagree most counts.
        let two = [[0.5, 0.5, 0.0], a].concat();
        let others = [[0.5, 0.5, 0.0], b].concat();
        assert!((disagreement(&[&two, &others], 3) - 2f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn the_entropy_is_that_of_all_words() {
        let one = [0.5, 0.5, 0.0, 1.0, 0.0, 0.0, 0.25, 0.25, 0.5];
        assert!((entropy(&[&one], 3) - 2.5 * 2f64.ln()).abs() < 1e-12);
        // Of several members, it is the entropy of their mean.
        let (a, b) = ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]);
        assert!((entropy(&[&a, &b], 3) - 2f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn words_that_are_cut_off_and_sentences_without_words_are_left_out() {
        let cut = [0.9, 0.1, 0.0, 0.0, 0.0, 0.0];
        assert!((doubt(&[&cut], 3) - 0.2).abs() < 1e-12);
        // Only one of the members reads the second word.
        let whole = [0.9, 0.1, 0.0, 0.3, 0.3, 0.4];
        assert!((doubt(&[&cut, &whole], 3) - 0.9).abs() < 1e-12);
        assert!(disagreement(&[&cut, &whole], 3).abs() < 1e-12);
        assert!((entropy(&[&cut], 3) - entropy(&[&cut[..3]], 3)).abs() < 1e-12);
        for measure in [doubt, entropy, disagreement] {
            assert_eq!(measure(&[&[], &[]], 3), f64::NEG_INFINITY);
        }
    }
}
