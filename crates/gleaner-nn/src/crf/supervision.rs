//! Supervision of a sentence: its tags, sets of possible tags, or the distribution of another tagger.

/// What is known of the tags of a sentence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Labels<'a> {
    /// One tag for each position, `[positions]`.
    Tags(&'a [u16]),
    /// Whether a position may carry a tag, `[positions, tags]`: the loss is the negative log-probability
    /// of all allowed sequences. At least one of them must satisfy the CRF's rules.
    Allowed(&'a [bool]),
    /// A teacher's distribution over tag sequences. Sequences that the CRF's rules forbid must have no probability.
    Expected(&'a Expectations),
}

/// What is known of the tags of a sentence, and the sentence's weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Supervision<'a> {
    /// The tags.
    pub labels: Labels<'a>,
    /// Factor of the sentence's gradients.
    pub weight: f64,
}

/// A distribution over the tag sequences of a sentence, by the expectations that determine a CRF's loss: its scores are
/// sums over positions and transitions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expectations {
    /// The probability of every tag at every position, `[positions, tags]`.
    pub positions: Vec<f32>,
    /// The expected number of transitions from each tag (row) to each tag (column), `[tags, tags]`: pair marginals
    /// summed over the sentence, because a transition has the same score at all positions.
    pub steps: Vec<f32>,
}

impl<'a> Supervision<'a> {
    /// Supervision of weight 1 from the tags of all positions, `[positions]`, of sentences given by `offsets`.
    pub fn of_tags(tags: &'a [u16], offsets: &[usize]) -> Vec<Self> {
        let of_sentence =
            |w: &[usize]| Self { labels: Labels::Tags(&tags[w[0]..w[1]]), weight: 1.0 };
        offsets.windows(2).map(of_sentence).collect()
    }
}

#[cfg(test)]
mod tests;
