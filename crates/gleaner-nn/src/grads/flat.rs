//! One value for every trained value, in one tensor for all parameters that the optimiser treats alike. An operation on
//! such a group is then one operation on the device, whatever the number of parameters.

use crate::{
    NnError, ParamId, Params,
    params::{Tensors, Treatment, host, matrix},
};
use burn::tensor::{Device, Gradients, Tensor, TensorData};
use std::sync::Arc;

/// Parameters start at multiples of this many values. Views that start and end there need no copy on any device.
const ALIGNMENT: usize = 128;

/// The positions of the trained parameters of a group in its tensor.
#[derive(Debug)]
pub(crate) struct FlatGroup {
    pub(crate) treatment: Treatment,
    members: Vec<Member>,
    len: usize,
}

#[derive(Debug)]
struct Member {
    id: ParamId,
    shape: [usize; 2],
    start: usize,
}

impl Member {
    fn len(&self) -> usize {
        self.shape[0] * self.shape[1]
    }
}

impl FlatGroup {
    /// The groups that have at least one trained parameter.
    pub(crate) fn all(params: &Params) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for id in params.ids().filter(|&id| !params.is_frozen(id)) {
            let treatment = params.treatment(id);
            let place = groups.iter().position(|g| g.treatment == treatment).unwrap_or_else(|| {
                groups.push(Self { treatment, members: Vec::new(), len: 0 });
                groups.len() - 1
            });
            let of = &mut groups[place];
            let member = Member { id, shape: matrix(params.shape(id)), start: of.len };
            of.len += member.len().next_multiple_of(ALIGNMENT);
            of.members.push(member);
        }
        groups
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = ParamId> {
        self.members.iter().map(|m| m.id)
    }

    /// Zeros.
    pub(crate) fn zeros(&self, device: &Device) -> Tensor<1> {
        Tensor::zeros([self.len], device)
    }

    /// Concatenates the tensors of all parameters. Parameters without a tensor and the gaps between parameters are
    /// zero.
    pub(crate) fn pack(
        &self,
        device: &Device,
        mut of: impl FnMut(ParamId) -> Option<Tensor<2>>,
    ) -> Tensor<1> {
        let pack = |member: &Member| {
            let room = member.len().next_multiple_of(ALIGNMENT);
            let tensor = of(member.id).map(|t| t.reshape([member.len()]));
            let gap = room - tensor.as_ref().map_or(0, |_| member.len());
            let gap = (gap > 0).then(|| Tensor::zeros([gap], device));
            tensor.into_iter().chain(gap)
        };
        Tensor::cat(self.members.iter().flat_map(pack).collect(), 0)
    }

    /// The part of a flat tensor that belongs to a parameter, as a matrix; `None` if the parameter is not in this
    /// group.
    pub(crate) fn view(&self, id: ParamId, flat: &Tensor<1>) -> Option<Tensor<2>> {
        let member = self.members.iter().find(|m| m.id == id)?;
        Some(flat.clone().narrow(0, member.start, member.len()).reshape(member.shape))
    }

    /// A tensor that contains a parameter's values and is zero elsewhere; `None` if the parameter is not in this
    /// group.
    pub(crate) fn only(&self, id: ParamId, values: &[f32], device: &Device) -> Option<Tensor<1>> {
        let member = self.members.iter().find(|m| m.id == id)?;
        let values = TensorData::new(values.to_vec(), member.shape);
        let values = Tensor::from_data(values, device);
        Some(self.pack(device, |other| (other == id).then(|| values.clone())))
    }
}

/// Sums for each group; `None` represents zeros.
#[derive(Clone, Debug)]
pub(crate) struct Flat {
    device: Device,
    groups: Arc<Vec<FlatGroup>>,
    sums: Vec<Option<Tensor<1>>>,
}

impl Flat {
    pub(super) fn zeros(params: &Params, device: &Device) -> Self {
        let groups = FlatGroup::all(params);
        let sums = groups.iter().map(|_| None).collect();
        Self { device: device.clone(), groups: Arc::new(groups), sums }
    }

    pub(super) fn clear(&mut self) {
        self.sums.fill(None);
    }

    /// The sums of all groups that have any.
    pub(crate) fn sums(&self) -> impl Iterator<Item = (Treatment, &Tensor<1>)> {
        self.groups.iter().zip(&self.sums).filter_map(|(g, s)| Some((g.treatment, s.as_ref()?)))
    }

    pub(super) fn get(&self, id: ParamId) -> Vec<f32> {
        let mut groups = self.groups.iter().zip(&self.sums);
        let found = groups.find_map(|(g, sums)| {
            let member = g.members.iter().find(|m| m.id == id)?;
            Some(match sums {
                Some(sums) => {
                    let view = g.view(id, sums).expect("a member of its group");
                    host(view).expect("gradients can be read")
                }
                None => vec![0.0; member.len()],
            })
        });
        found.unwrap_or_default()
    }

    pub(super) fn add(&mut self, id: ParamId, values: &[f32]) {
        for (group, sums) in self.groups.iter().zip(&mut self.sums) {
            if let Some(more) = group.only(id, values, &self.device) {
                add(sums, more);
            }
        }
    }

    pub(super) fn collect(
        &mut self,
        tensors: &Tensors,
        mut gradients: Gradients,
    ) -> Result<(), NnError> {
        let pack = |group: &FlatGroup| {
            let found: Vec<_> =
                group.ids().map(|id| (id, tensors[id].grad_remove(&mut gradients))).collect();
            let mut found = found.iter().any(|(_, g)| g.is_some()).then(|| found.into_iter())?;
            Some(group.pack(&self.device, |id| {
                let (at, gradient) = found.next().expect("as many as the group has");
                debug_assert_eq!(at, id);
                gradient
            }))
        };
        let more: Vec<Option<Tensor<1>>> = self.groups.iter().map(pack).collect();
        // A device reports a failed computation only when its result is read, so read one value of each.
        let first: Vec<_> = more.iter().flatten().map(|m| m.clone().narrow(0, 0, 1)).collect();
        if !first.is_empty() {
            host(Tensor::cat(first, 0))?;
        }
        for (sums, more) in self.sums.iter_mut().zip(more) {
            if let Some(more) = more {
                add(sums, more);
            }
        }
        Ok(())
    }
}

fn add(sums: &mut Option<Tensor<1>>, more: Tensor<1>) {
    *sums = Some(match sums.take() {
        Some(sums) => sums + more,
        None => more,
    });
}
