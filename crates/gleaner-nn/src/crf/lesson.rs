//! What a sentence teaches: its tags, sets of tags, or another tagger's opinion.

/// What is known of the tags of a sentence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target<'a> {
    /// One tag for each unit, `[units]`.
    Tags(&'a [u16]),
    /// Whether a unit may carry a tag, `[units, tags]`: the loss is −log of the probability of all
    /// sequences that keep to it. At least one of those must keep the CRF's rules.
    Allowed(&'a [bool]),
    /// A teacher's distribution over tag sequences. It must not go where the CRF's rules forbid.
    Expected(&'a Expectations),
}

/// What a sentence is to teach, and how much it counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lesson<'a> {
    /// What is known of its tags.
    pub target: Target<'a>,
    /// What its gradients are multiplied with.
    pub weight: f64,
}

/// A distribution over the tag sequences of a sentence, as far as a CRF can tell it from others: its
/// scores are sums over units and steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expectations {
    /// The probability of every tag at every unit, `[units, tags]`.
    pub units: Vec<f32>,
    /// How often each tag (row) is expected to be followed by each (column), `[tags, tags]`: pair
    /// marginals summed over the sentence, because the score of a step is the same everywhere.
    pub steps: Vec<f32>,
}

impl<'a> Lesson<'a> {
    /// Lessons of weight 1 from the tags of all units, `[units]`, of sentences given by `offsets`.
    pub fn of_tags(tags: &'a [u16], offsets: &[usize]) -> Vec<Self> {
        let lesson = |w: &[usize]| Self { target: Target::Tags(&tags[w[0]..w[1]]), weight: 1.0 };
        offsets.windows(2).map(lesson).collect()
    }
}

#[cfg(test)]
mod tests;
