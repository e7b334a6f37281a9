//! Tests of steps and norms on the CPU and in burn's operations.

use super::on_host::CHUNK;
use super::*;
use crate::{Compute, kernels::at_every_level};

/// Adds three parameters, one of them longer than a chunk, and one of them a bias.
fn filled(mut params: Params) -> Params {
    for (name, n, group) in
        [("long", CHUNK + 37, Group::Crf), ("short", 5, Group::Crf), ("bias", 7, Group::Lstm)]
    {
        let values = (0..n).map(|i| (i % 13) as f32 / 13.0 - 0.5).collect();
        params.add(name.into(), &[n], group, values);
    }
    params
}

/// Three parameters on the CPU, and gradients from -2 to 2.
fn setting() -> (Params, Grads) {
    let params = filled(Params::new(&Compute::cpu()));
    let mut grads = Grads::zeros(&params);
    for id in params.ids() {
        let g = grads.get_mut(id).iter_mut().enumerate();
        g.for_each(|(i, g)| *g = (i % 401) as f32 / 100.0 - 2.0);
    }
    (params, grads)
}

#[test]
fn the_norm_is_that_of_all_gradients_together() {
    at_every_level(|| {
        let (params, grads) = setting();
        let all = params.ids().flat_map(|id| grads.get(id).to_vec());
        let plain = all.map(|x| f64::from(x).powi(2)).sum::<f64>().sqrt();
        assert!((global_norm(&params, &grads) / plain - 1.0).abs() < 1e-12);
    });
}

#[test]
fn gradients_are_cut_to_the_limit_and_never_raised() {
    assert_eq!(clip_factor(0.5, 1.0), 1.0);
    assert!((clip_factor(4.0, 1.0) - 0.25).abs() < 1e-6);
    assert_eq!(clip_factor(0.0, 1.0), 1.0);
}

#[test]
fn a_scaled_step_is_a_step_along_scaled_gradients() {
    at_every_level(|| {
        for kind in [OptimizerKind::Adam, OptimizerKind::Adamw] {
            let after = |scale: f32, in_gradients: f32| {
                let (mut params, mut grads) = setting();
                for id in params.ids() {
                    grads.get_mut(id).iter_mut().for_each(|g| *g *= in_gradients);
                }
                let mut adam = Adam::new(AdamConfig::new(kind, 0.1), &params);
                for _ in 0..3 {
                    adam.step(&mut params, &grads, scale, |_| Some(1e-2));
                }
                params.ids().map(|id| params.values(id).into_owned()).collect::<Vec<_>>()
            };
            assert_eq!(after(0.25, 1.0), after(1.0, 0.25));
            assert_ne!(after(0.25, 1.0), after(1.0, 1.0));
        }
    });
}

#[test]
fn biases_and_normalisations_can_be_excluded_from_decay() {
    for kind in [OptimizerKind::Adam, OptimizerKind::Adamw] {
        let mut params = Params::new(&Compute::cpu());
        for (name, shape, group) in [
            ("bert.weight", &[2, 3][..], Group::Encoder),
            ("bert.LayerNorm.weight", &[3], Group::Encoder),
            ("lstm.bias_hh_l0", &[3], Group::Lstm),
            ("fc.bias", &[3], Group::Linear),
            ("crf.start_transitions", &[3], Group::Crf),
        ] {
            params.add(name.into(), shape, group, vec![1.0; shape.iter().product()]);
        }
        params.decay_only_weights();
        let mut grads = Grads::zeros(&params);
        grads.complete();
        let mut adam = Adam::new(AdamConfig::new(kind, 0.5), &params);
        adam.step(&mut params, &grads, 1.0, |_| Some(1e-2));
        let decayed = |id: &ParamId| params.values(*id).iter().all(|x| *x < 0.999);
        let names: Vec<&str> = params.ids().filter(decayed).map(|id| params.name(id)).collect();
        assert_eq!(names, ["bert.weight", "crf.start_transitions"]);
        let kept = |id: &ParamId| params.values(*id).iter().all(|x| *x == 1.0);
        assert_eq!(params.ids().filter(kept).count(), 3);
    }
}

#[test]
fn a_scaled_rate_is_that_of_a_smaller_step() {
    let after = |factor: f64, rate: f64| {
        let (mut params, grads) = setting();
        params.scale_rates(|name| if name == "short" { factor } else { 1.0 });
        let mut adam = Adam::new(AdamConfig::new(OptimizerKind::Adamw, 0.1), &params);
        for _ in 0..3 {
            adam.step(&mut params, &grads, 1.0, |_| Some(rate));
        }
        ["long", "short"].map(|name| params.values(params.find(name).unwrap()).into_owned())
    };
    let [long, short] = after(0.25, 1e-2);
    assert_eq!((&long, &short), (&after(1.0, 1e-2)[0], &after(1.0, 0.25e-2)[1]));
    assert_ne!(short, after(1.0, 1e-2)[1]);
}

#[cfg(feature = "composite")]
#[test]
fn steps_on_a_device_equal_steps_on_the_host() {
    for (kind, frozen, apart) in [
        (OptimizerKind::Adam, "none", false),
        (OptimizerKind::Adam, "none", true),
        (OptimizerKind::Adamw, "short", false),
        (OptimizerKind::Adamw, "none", true),
    ] {
        let (mut host, of_host) = setting();
        let mut device = filled(Params::on_device(burn::tensor::Device::flex()));
        host.freeze(|name| name == frozen);
        device.freeze(|name| name == frozen);
        if apart {
            for params in [&mut host, &mut device] {
                params.scale_rates(|name| if name == "short" { 0.3 } else { 1.0 });
                params.decay_only_weights();
            }
        }
        let mut of_device = Grads::zeros(&device);
        for id in device.ids() {
            of_device.add(id, &of_host.get(id));
            let expected = if device.is_frozen(id) { Vec::new() } else { of_host.get(id).to_vec() };
            assert_eq!(of_device.get(id), expected);
        }
        let mut on_host = Grads::zeros(&host);
        for id in host.ids().filter(|&id| !host.is_frozen(id)) {
            on_host.add(id, &of_host.get(id));
        }
        let norms = [global_norm(&host, &on_host), global_norm(&device, &of_device)];
        assert!((norms[0] / norms[1] - 1.0).abs() < 1e-6, "{norms:?}");
        let config = AdamConfig::new(kind, 0.1);
        let mut adam = Adam::new(config.clone(), &host);
        let mut other = Adam::new(config.clone(), &device);
        for step in 0..5u64 {
            if step == 2 {
                // The optimiser uses values that were set directly, and continues from a checkpoint.
                let id = host.find("long").unwrap();
                let values: Vec<f32> = host.values(id).iter().map(|x| x * 2.0).collect();
                host.set(id, &values);
                device.set(id, &values);
                let mut resumed = Adam::new(config.clone(), &device);
                for id in device.ids().filter(|&id| !device.is_frozen(id)) {
                    let [first, second] = other.moments(id);
                    resumed.restore(step, id, &first, &second);
                }
                other = resumed;
            }
            let rate = |_| (step != 3).then_some(1e-2);
            adam.step(&mut host, &on_host, 0.5, rate);
            other.step(&mut device, &of_device, 0.5, rate);
        }
        for id in host.ids() {
            let [a, b] = [host.values(id), device.values(id)];
            let far = a.iter().zip(&*b).any(|(a, b)| (a - b).abs() > 1e-5 * (1.0 + a.abs()));
            assert!(!far, "{kind:?} {}", host.name(id));
        }
        of_device.clear();
        assert_eq!(global_norm(&device, &of_device), 0.0);
    }
}
