use super::*;
use crate::testing::{Capitals, Gate, words};
use std::sync::atomic::{AtomicUsize, Ordering};

fn queue(labeller: Arc<dyn Labeller>, most_words: usize) -> (Queue, Arc<AtomicUsize>) {
    let failures = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&failures);
    let failed: Arc<dyn Fn(String) + Send + Sync> = Arc::new(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
    });
    (Queue::start(&labeller, most_words, &Arc::default(), &failed), failures)
}

fn labels(reply: Reply) -> Vec<Vec<String>> {
    reply.unwrap().into_iter().map(|tagged| tagged.tags).collect()
}

#[test]
fn each_request_gets_its_own_tags_in_its_own_order() {
    let (queue, _) = queue(Arc::new(Capitals::default()), 1_000_000);
    // Sentences whose capitals say which request and which sentence they are of.
    let sentence = |request: usize, number: usize| -> Vec<String> {
        let bit = |at: usize| (request * 41 + number) >> at & 1 == 1;
        (0..16).map(|at| if bit(at) { "A" } else { "a" }.to_owned()).collect()
    };
    let expected = |words: &[String]| -> Vec<String> {
        words.iter().map(|word| if word == "A" { "B-PER" } else { "O" }.to_owned()).collect()
    };
    let requests: Vec<_> = (0..200)
        .map(|request| {
            let sentences: Vec<_> = (0..request % 41).map(|n| sentence(request, n)).collect();
            (queue.add(sentences.clone()).unwrap(), sentences)
        })
        .collect();
    for (receiver, sentences) in requests {
        let tags = labels(receiver.blocking_recv().unwrap());
        assert_eq!(tags, sentences.iter().map(|words| expected(words)).collect::<Vec<_>>());
    }
}

#[test]
fn a_full_queue_refuses_and_has_room_again() {
    let gate = Gate::closed();
    let (queue, _) = queue(Arc::new(Capitals::behind(&gate)), 10);
    // Longer than the queue, but alone: taken at once.
    let first = queue.add(vec![words("a"); 20]).unwrap();
    gate.wait_for(1);
    let second = queue.add(vec![words("c d e f g h")]).unwrap();
    let full = queue.add(vec![words("i j k l m n")]).err();
    assert_eq!(
        full,
        Some(Full { seconds: 6 }),
        "6 words at 1 word a second, before a speed is known"
    );
    assert_eq!(queue.words(), 6);
    gate.open();
    assert_eq!(labels(first.blocking_recv().unwrap()).len(), 20);
    assert_eq!(labels(second.blocking_recv().unwrap()), [["O"; 6]]);
    let again = queue.add(vec![words("i j k l m n")]).unwrap();
    assert_eq!(labels(again.blocking_recv().unwrap()), [["O"; 6]]);
}

#[test]
fn the_fault_of_one_request_is_not_that_of_others() {
    let gate = Gate::closed();
    let (queue, failures) = queue(Arc::new(Capitals::behind(&gate)), 1000);
    let held = queue.add(vec![words("x")]).unwrap();
    gate.wait_for(1);
    let good = queue.add(vec![words("A")]).unwrap();
    let failing = queue.add(vec![words("b"), words("fail")]).unwrap();
    let panicking = queue.add(vec![words("panic")]).unwrap();
    let good_too = queue.add(vec![words("C c")]).unwrap();
    gate.open();
    assert_eq!(labels(held.blocking_recv().unwrap()), [["O"]]);
    assert_eq!(labels(good.blocking_recv().unwrap()), [["B-PER"]]);
    assert_eq!(failing.blocking_recv().unwrap(), Err(Failed));
    assert_eq!(panicking.blocking_recv().unwrap(), Err(Failed));
    assert_eq!(labels(good_too.blocking_recv().unwrap()), [["B-PER", "O"]]);
    assert_eq!(failures.load(Ordering::Relaxed), 2);
}

#[test]
fn a_queue_that_is_dropped_still_answers() {
    let (queue, _) = queue(Arc::new(Capitals::default()), 1000);
    let waiting = queue.add(vec![words("A b"); 50]).unwrap();
    drop(queue);
    assert_eq!(labels(waiting.blocking_recv().unwrap()).len(), 50);
}

#[test]
fn a_batch_waits_for_the_clients_that_got_a_reply() {
    let waiting = Waiting { turns: Turns::default(), closed: false, speed: 0.0 };
    let (waiting, changed) = (Mutex::new(waiting), Condvar::new());
    let queue = Queue { shared: Arc::new(Shared { waiting, changed, most_words: 100 }) };
    let first = queue.add(vec![words("a")]).unwrap();
    let others = thread::scope(|scope| {
        let batch = scope.spawn(|| queue.shared.next(3, Duration::from_secs(600)));
        // Time in which it could take the first one alone.
        thread::sleep(Duration::from_millis(100));
        let others = ["b", "c"].map(|word| queue.add(vec![words(word)]).unwrap());
        assert_eq!(batch.join().unwrap().unwrap().len(), 3);
        others
    });
    drop((first, others));
    let _alone = queue.add(vec![words("d")]).unwrap();
    // Nobody else is expected, or nobody else comes in time.
    assert_eq!(queue.shared.next(1, Duration::from_secs(600)).unwrap().len(), 1);
    let _alone = queue.add(vec![words("e")]).unwrap();
    assert_eq!(queue.shared.next(2, Duration::from_millis(1)).unwrap().len(), 1);
}
