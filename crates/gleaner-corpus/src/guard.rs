//! Keeping panics of a dependency from the people who gave it a damaged file.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

static HOOK: Once = Once::new();

/// Runs `decode` and gives its result, or `None` where it panics. The panic prints nothing; those
/// of other threads go on to the hook that was there before.
///
/// The parquet crate asserts, and indexes, by what a file says of itself. `decode` must leave
/// nothing behind but its result: what it was building when it panicked is dropped.
pub(crate) fn no_panic<T>(decode: impl FnOnce() -> T) -> Option<T> {
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                before(info);
            }
        }));
    });
    GUARDED.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(decode));
    GUARDED.set(false);
    result.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_no_result_and_the_guard_is_lifted() {
        assert_eq!(no_panic(|| 3), Some(3));
        assert_eq!(no_panic(|| -> u8 { panic!("caught") }), None);
        assert!(!GUARDED.get());
        assert_eq!(no_panic(|| 4), Some(4));
    }
}
