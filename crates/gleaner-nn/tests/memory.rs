//! Test of the memory that saving a network uses.

#![expect(unsafe_code, reason = "an allocator")]

use gleaner_nn::{network::HeadKind, weights::WeightFile};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};
use support::{VOCABULARY, config, network};

#[path = "support/network.rs"]
mod support;

/// The system allocator, with counters of the bytes in use and their maximum.
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is forwarded to the system allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = IN_USE.fetch_add(layout.size(), Relaxed).wrapping_add(layout.size());
        PEAK.fetch_max(now, Relaxed);
        // SAFETY: the caller upholds the contract of `alloc`, which is also that of the system allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the memory was allocated by `alloc`, so by the system allocator.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[test]
fn saving_copies_no_whole_tensor() {
    let hidden = 2048;
    let mut network = network(&config(hidden, 2, 64, 0, ""), 0.3, HeadKind::Linear, 1);
    let active: Vec<u32> = (0..VOCABULARY as u32).step_by(3).collect();
    network.activate(&active).unwrap();
    let words = network.params.find("bert.embeddings.word_embeddings.weight").unwrap();
    network.params.update(words, |values| values[hidden] = 5.0);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let before = IN_USE.load(Relaxed);
    PEAK.store(before, Relaxed);
    network.save(&path).unwrap();
    let peak = PEAK.load(Relaxed) - before;
    let (table, trained) = (4 * VOCABULARY * hidden, 4 * active.len() * hidden);
    assert!(peak < trained / 2, "saving took {peak} bytes; the table has {table}");

    let file = WeightFile::open(&path).unwrap();
    let mut row = Vec::new();
    file.read_row("bert.embeddings.word_embeddings.weight", 3, &mut row).unwrap();
    assert_eq!(row[0], 5.0);
}
