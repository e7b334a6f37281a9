//! What an ensemble says of a sentence, for another tagger to learn.

use super::vote::{self, Opinion};
use crate::{Labels, Tagged};
use gleaner_nn::crf::Expectations;

/// What an ensemble says of a sentence.
pub(crate) struct Lesson {
    /// The tags and entities.
    pub(crate) tagged: Tagged,
    /// The mean of the members' distributions over tag sequences, `[words, tags]` and `[tags, tags]`. A mean of
    /// distributions has the mean of their expectations, and a CRF's loss depends on nothing else.
    pub(crate) expectations: Expectations,
}

/// The lesson about a sentence of `words` words for a tagger with these labels, which has all labels of the members.
/// `None` for a sentence that a member does not read in one window: its windows have no common distribution.
pub(super) fn of(
    opinions: &[Opinion],
    labels: &Labels,
    factor: f64,
    share: f64,
    words: usize,
) -> Option<Lesson> {
    let whole = |o: &Opinion| matches!(o.windows, [one] if one.window.words.len() == words);
    if !opinions.iter().all(whole) {
        return None;
    }
    let k = labels.len();
    let (mut positions, mut steps) = (vec![0.0f64; words * k], vec![0.0f64; k * k]);
    let part = 1.0 / opinions.len() as f64;
    for opinion in opinions {
        let own = opinion.labels.names();
        let places: Vec<usize> =
            own.iter().map(|name| labels.id(name).map(usize::from)).collect::<Option<_>>()?;
        let of_member =
            opinion.crf.lattice_at(&opinion.windows[0].emissions, factor * opinion.temperature);
        let Expectations { positions: of_words, steps: of_steps } = of_member.expectations();
        for (sums, of_word) in positions.chunks_mut(k).zip(of_words.chunks(own.len())) {
            for (&place, &p) in places.iter().zip(of_word) {
                sums[place] += part * f64::from(p);
            }
        }
        for (&from, of_step) in places.iter().zip(of_steps.chunks(own.len())) {
            for (&to, &p) in places.iter().zip(of_step) {
                steps[from * k + to] += part * f64::from(p);
            }
        }
    }
    let narrow = |sums: Vec<f64>| sums.into_iter().map(|x| x as f32).collect();
    let expectations = Expectations { positions: narrow(positions), steps: narrow(steps) };
    let tagged = match opinions {
        // One alone labels as it does.
        [only] => only.tagged(factor, words),
        _ => vote::sentence(opinions, factor, share, words),
    };
    Some(Lesson { tagged, expectations })
}
