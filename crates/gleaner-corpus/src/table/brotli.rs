//! Pages that are compressed with Brotli (RFC 7932).

use brotli_decompressor::{
    Allocator, BrotliDecompressStream, BrotliResult, BrotliState, SliceWrapper, SliceWrapperMut,
};

/// Memory of the decoder.
#[derive(Default)]
struct Cells<T>(Vec<T>);

impl<T> SliceWrapper<T> for Cells<T> {
    fn slice(&self) -> &[T] {
        &self.0
    }
}

impl<T> SliceWrapperMut<T> for Cells<T> {
    fn slice_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

struct Heap;

impl<T: Clone + Default> Allocator<T> for Heap {
    type AllocatedMemory = Cells<T>;

    fn alloc_cell(&mut self, length: usize) -> Cells<T> {
        Cells(vec![T::default(); length])
    }

    fn free_cell(&mut self, cells: Cells<T>) {
        drop(cells);
    }
}

/// The bytes of a page before compression, of which there are `size`; `None` if the page is damaged.
pub(super) fn page(stored: &[u8], size: usize) -> Option<Vec<u8>> {
    /// Memory grows by this with the page, because a damaged size must not use it up.
    const STEP: usize = 1 << 16;
    let (mut left, mut read, mut written, mut total) = (stored.len(), 0, 0, 0);
    // A window of RFC 7932 has at most 16 MiB; other decoders also accept 1 GiB.
    let mut state = BrotliState::new_strict(Heap, Heap, Heap);
    let mut page = vec![0; size.min(STEP)];
    loop {
        let mut room = page.len() - written;
        let result = BrotliDecompressStream(
            &mut left,
            &mut read,
            stored,
            &mut room,
            &mut written,
            &mut page,
            &mut total,
            &mut state,
        );
        match result {
            BrotliResult::ResultSuccess => return (written == size && left == 0).then_some(page),
            BrotliResult::NeedsMoreOutput if written < size => {
                page.resize(size.min(written + STEP), 0);
            }
            _ => return None,
        }
    }
}
