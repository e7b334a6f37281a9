//! Requests in turn.

use super::request::{Part, Request, cost};
use std::{collections::VecDeque, sync::Arc};

/// Number of words after which a batch is full: enough that the encoder works at full speed, few enough that the next
/// batch is not far.
const BATCH: usize = 2048;
/// Number of words after which the turn of a request ends.
const TURN: usize = 512;

/// Requests with sentences that nobody labels yet.
#[derive(Default)]
pub(super) struct Turns {
    requests: VecDeque<Turn>,
    words: usize,
}

/// A request, and what is left of it.
struct Turn {
    request: Arc<Request>,
    /// The first sentence that is left.
    next: usize,
    /// Words that are left.
    words: usize,
}

impl Turns {
    /// Number of words of all that is left.
    pub(super) fn words(&self) -> usize {
        self.words
    }

    /// Number of requests of which something is left.
    pub(super) fn requests(&self) -> usize {
        self.requests.len()
    }

    pub(super) fn add(&mut self, request: Arc<Request>) {
        let words = request.words();
        self.words += words;
        self.requests.push_back(Turn { request, next: 0, words });
    }

    /// Sentences to label together: of each request in turn, until the batch is full or nothing is left.
    pub(super) fn batch(&mut self) -> Vec<Part> {
        let (mut batch, mut words) = (Vec::new(), 0);
        while words < BATCH
            && let Some(mut turn) = self.requests.pop_front()
        {
            if turn.request.is_abandoned() {
                self.words -= turn.words;
                continue;
            }
            let (first, before) = (turn.next, turn.words);
            let sentences = turn.request.sentences();
            while turn.next < sentences.len() && before - turn.words < TURN {
                turn.words -= cost(&sentences[turn.next]);
                turn.next += 1;
            }
            let taken = before - turn.words;
            words += taken;
            self.words -= taken;
            batch.push(Part { request: Arc::clone(&turn.request), range: first..turn.next });
            if turn.next < turn.request.sentences().len() {
                self.requests.push_back(turn);
            }
        }
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    fn request(
        sentences: usize,
        words: usize,
    ) -> (Arc<Request>, oneshot::Receiver<crate::queue::Reply>) {
        let (sender, receiver) = oneshot::channel();
        let sentences = vec![vec!["word".to_owned(); words]; sentences];
        (Arc::new(Request::new(sentences, sender)), receiver)
    }

    fn ranges(batch: &[Part]) -> Vec<(usize, usize)> {
        batch.iter().map(|part| (part.range.start, part.range.end)).collect()
    }

    #[test]
    fn a_long_text_does_not_hold_up_a_sentence() {
        let mut turns = Turns::default();
        let ((long, _a), (short, _b)) = (request(300, 20), request(1, 20));
        turns.add(long);
        turns.add(short);
        assert_eq!(turns.words(), 6020);
        // 26 sentences of 20 words are the first with 512 words or more.
        assert_eq!(ranges(&turns.batch()), [(0, 26), (0, 1), (26, 52), (52, 78), (78, 104)]);
        assert_eq!(turns.words(), 6020 - 20 - 104 * 20);
        let mut next = 104;
        while turns.words() > 0 {
            for (start, end) in ranges(&turns.batch()) {
                assert_eq!(start, next);
                next = end;
            }
        }
        assert_eq!(next, 300);
        assert!(turns.batch().is_empty());
    }

    #[test]
    fn what_nobody_waits_for_is_dropped() {
        let mut turns = Turns::default();
        let ((left, receiver), (stays, _b)) = (request(2, 5), request(1, 0));
        turns.add(left);
        turns.add(stays);
        drop(receiver);
        assert_eq!(ranges(&turns.batch()), [(0, 1)]);
        assert_eq!(turns.words(), 0);
    }
}
