//! Every harness on a few thousand inputs, always the same ones. `scripts/fuzz` tries others for as long as wanted.

use gleaner_fuzz::{HARNESSES, Harness, Limit, Memory, Watched, run};
use std::{panic::catch_unwind, time::Duration};

/// The longest time that an input may take. It is ten times what `scripts/fuzz` allows, because the machine may be busy
/// with something else.
const SLOWEST: Duration = Duration::from_secs(10);

// In one test: memory is counted for the whole process.
#[test]
fn no_input_breaks_a_promise() {
    let mut faults = Vec::new();
    for harness in HARNESSES {
        let run = || run(harness, Limit::inputs(harness.inputs), 1, &Watched::default());
        match catch_unwind(run) {
            Ok(report) if report.accepted == 0 => {
                faults.push(format!("{}: no input is accepted", harness.name));
            }
            Ok(report) if report.slowest >= SLOWEST => {
                faults.push(format!("{}: an input takes {:?}", harness.name, report.slowest));
            }
            Ok(_) => {}
            Err(fault) => faults.push(*fault.downcast::<String>().expect("a message")),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    broken_promises_are_found();
}

fn broken_promises_are_found() {
    fn seeds() -> Vec<Vec<u8>> {
        vec![b"abcd".to_vec()]
    }
    let harness = |run| Harness {
        name: "self-test",
        seeds,
        words: &[],
        run,
        memory: Memory::of(8, 1),
        inputs: 9,
    };
    let fails = |run: fn(&[u8]) -> Result<(), String>| {
        let failed = catch_unwind(|| nine(&harness(run)));
        let message = failed.expect_err("a fault").downcast::<String>().unwrap();
        assert!(
            message.starts_with("self-test: ") && message.contains("regressions/self-test"),
            "{message}"
        );
        *message
    };
    assert!(fails(|input| panic!("{}", input.len())).contains(": a panic; the input of 4 bytes"));
    assert!(fails(|_| Err("two\nlines".into())).contains("an error that is not one line"));
    assert!(fails(|_| Err(String::new())).contains("an error that is not one line"));
    let large = fails(|_| {
        std::hint::black_box(vec![1_u8; 2 << 20]);
        Ok(())
    });
    assert!(large.contains(" bytes of memory, more than 1048608"), "{large}");
    nine(&harness(|_| Ok(())));
}

fn nine(harness: &Harness) {
    run(harness, Limit::inputs(9), 1, &Watched::default());
}
