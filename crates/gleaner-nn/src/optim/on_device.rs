//! Adam in burn's operations. Parameters that are treated alike are one tensor, and so are their gradients and moments.

use super::Step;
use crate::{
    Grads, ParamId, Params,
    grads::{Flat, FlatGroup},
    params::{DeviceValues, Treatment, host},
};
use burn::tensor::{Device, Tensor};

/// The trained parameters of all groups and their two moments.
pub(super) struct DeviceMoments {
    device: Device,
    groups: Vec<OfGroup>,
    /// [`DeviceValues::changes`] at the time the parameters were packed.
    packed_at: Option<u64>,
}

struct OfGroup {
    places: FlatGroup,
    values: Tensor<1>,
    first: Tensor<1>,
    second: Tensor<1>,
}

impl DeviceMoments {
    pub(super) fn zeros(params: &Params, values: &DeviceValues) -> Self {
        let device = values.device().clone();
        let of = |places: FlatGroup| {
            let zeros = places.zeros(&device);
            OfGroup { places, values: zeros.clone(), first: zeros.clone(), second: zeros }
        };
        let groups = FlatGroup::all(params).into_iter().map(of).collect();
        Self { device, groups, packed_at: None }
    }

    pub(super) fn of(&self, id: ParamId) -> [Vec<f32>; 2] {
        let read = |group: &OfGroup, moment: &Tensor<1>| {
            let view = group.places.view(id, moment)?;
            Some(host(view).expect("moments can be read"))
        };
        let mut groups = self.groups.iter();
        let found = groups.find_map(|g| Some([read(g, &g.first)?, read(g, &g.second)?]));
        found.unwrap_or_default()
    }

    pub(super) fn restore(&mut self, id: ParamId, first: &[f32], second: &[f32]) {
        for group in &mut self.groups {
            for (moment, values) in [(&mut group.first, first), (&mut group.second, second)] {
                let Some(new) = group.places.only(id, values, &self.device) else { continue };
                let old = group.places.view(id, moment).expect("it is of this group");
                let old = group.places.pack(&self.device, |at| (at == id).then(|| old.clone()));
                *moment = moment.clone() - old + new;
            }
        }
    }

    pub(super) fn step(
        &mut self,
        params: &mut Params,
        grads: &Grads,
        step: impl Fn(Treatment) -> Option<Step>,
    ) {
        let params = params.device_values_mut().expect("parameters are where the moments are");
        if self.packed_at != Some(params.changes()) {
            for group in &mut self.groups {
                let value = |id| Some(params.tensor(id).clone());
                group.values = group.places.pack(&self.device, value);
            }
            self.packed_at = Some(params.changes());
        }
        let sums = grads.on_device().expect("gradients are where the parameters are");
        for group in &mut self.groups {
            let Some(s) = step(group.places.treatment) else { continue };
            let gradient = match sums.sums().find(|(t, _)| *t == group.places.treatment) {
                Some((_, sum)) => sum.clone(),
                None => group.places.zeros(&self.device),
            };
            let p = group.values.clone();
            let mut g = gradient * s.scale;
            if s.l2 != 0.0 {
                g = g + p.clone() * s.l2;
            }
            let first = group.first.clone();
            group.first = first.clone() + (g.clone() - first) * s.new1;
            group.second = group.second.clone() * s.old2 + g.clone() * g * s.new2;
            let below = group.second.clone().sqrt() / s.root + s.epsilon;
            group.values = p * s.keep - group.first.clone() / below * s.size;
            for id in group.places.ids() {
                let view = group.places.view(id, &group.values).expect("it is of this group");
                params.replace(id, view);
            }
        }
    }
}

/// The L2 norm of the gradients of all parameters.
pub(super) fn global_norm(sums: &Flat) -> f64 {
    let squares: Vec<Tensor<1>> =
        sums.sums().map(|(_, sum)| (sum.clone() * sum.clone()).sum()).collect();
    if squares.is_empty() {
        return 0.0;
    }
    let squares = host(Tensor::cat(squares, 0)).expect("gradients can be read");
    squares.into_iter().map(f64::from).sum::<f64>().sqrt()
}
