//! Tests of device names.

use super::*;

#[test]
fn devices_are_named_and_found_by_their_names() {
    for compute in Compute::all() {
        assert_eq!(compute.to_string().parse::<Compute>().unwrap(), compute);
    }
    assert!(Compute::all()[0].is_cpu());
    assert_eq!("cpu".parse::<Compute>().unwrap(), Compute::cpu());
}

#[test]
fn a_thread_may_prefer_a_device_and_counts_round() {
    prefer_device(7);
    assert_eq!("cpu".parse::<Compute>().unwrap(), Compute::cpu());
    for backend in Backend::ALL.into_iter().filter(|b| b.is_built()) {
        let devices: Vec<_> =
            Compute::all().into_iter().filter(|c| c.backend() == backend).collect();
        if !devices.is_empty() {
            let preferred = &devices[7 % devices.len()];
            assert_eq!(&backend.name().parse::<Compute>().unwrap(), preferred);
        }
    }
    prefer_device(0);
}

#[test]
fn an_unavailable_device_is_reported_with_what_provides_it() {
    let error = |name: &str| name.parse::<Compute>().unwrap_err().to_string();
    for (name, expected) in [
        ("gpu", "unknown device `gpu`; use cpu, or cuda,"),
        ("cuda:x", "unknown device `cuda:x`"),
        ("cpu:0", "`cpu:0`: the processor is one device; use cpu"),
    ] {
        assert!(error(name).starts_with(expected), "{}", error(name));
    }
    for backend in Backend::ALL.into_iter().filter(|b| !b.is_built()) {
        let expected = format!(
            "is not in this build; use cpu, or build Gleaner with `--features {}`",
            backend.name()
        );
        assert!(error(backend.name()).ends_with(&expected), "{}", error(backend.name()));
    }
    for backend in Backend::ALL.into_iter().skip(1).filter(|b| b.is_built()) {
        let expected = format!("device `{}:99` is unavailable: ", backend.name());
        assert!(error(&format!("{}:99", backend.name())).starts_with(&expected));
    }
}
