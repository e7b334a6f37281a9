//! The nodes and weights of a graph, while it is built.

use super::message::Message;
use gleaner_nn::weights::NamedTensor;

/// The data types of ONNX.
pub(super) const FLOAT: i64 = 1;
pub(super) const INT32: i64 = 6;
pub(super) const INT64: i64 = 7;

/// An attribute of a node.
pub(super) enum Attribute<'a> {
    Int(i64),
    Float(f32),
    Text(&'a str),
    Ints(&'a [i64]),
}

/// A graph under construction. Values are named by the node that computes them, weights by their tensor.
pub(super) struct Graph<'a> {
    tensors: &'a [NamedTensor<'a>],
    /// Encoded nodes, in the order in which they are computed.
    pub(super) nodes: Vec<Message>,
    pub(super) weights: Vec<NamedTensor<'a>>,
    /// Integer constants of one dimension.
    pub(super) constants: Vec<(String, Vec<i64>)>,
}

impl<'a> Graph<'a> {
    /// An empty graph, whose weights are taken from `tensors`.
    pub(super) fn new(tensors: &'a [NamedTensor<'a>]) -> Self {
        Self { tensors, nodes: Vec::new(), weights: Vec::new(), constants: Vec::new() }
    }

    /// Appends a node; returns the name of its result.
    pub(super) fn node(
        &mut self,
        operator: &str,
        inputs: &[&str],
        attributes: &[(&str, Attribute)],
    ) -> String {
        let result = format!("{operator}.{}", self.nodes.len());
        self.named_node(operator, inputs, attributes, &result);
        result
    }

    /// Appends a node with this result.
    pub(super) fn named_node(
        &mut self,
        operator: &str,
        inputs: &[&str],
        attributes: &[(&str, Attribute)],
        result: &str,
    ) {
        let node = inputs.iter().fold(Message::default(), |node, input| node.text(1, input));
        let node = node.text(2, result).text(3, result).text(4, operator);
        let add = |node: Message, (name, value): &(&str, Attribute)| {
            node.message(5, &encoded(name, value))
        };
        self.nodes.push(attributes.iter().fold(node, add));
    }

    /// The tensor with this name in Gleaner.
    ///
    /// # Panics
    /// The network does not have it.
    pub(super) fn tensor(&self, name: &str) -> &'a NamedTensor<'a> {
        let found = self.tensors.iter().find(|tensor| tensor.name() == name);
        found.unwrap_or_else(|| panic!("the network has no {name}"))
    }

    /// Adds a tensor as it is; returns its name.
    pub(super) fn weight(&mut self, name: &str) -> String {
        let tensor = self.tensor(name);
        self.add(NamedTensor::in_chunks(name, tensor.shape(), move |sink| tensor.pass(sink)))
    }

    /// Adds a weight; returns its name.
    pub(super) fn add(&mut self, weight: NamedTensor<'a>) -> String {
        let name = weight.name().to_owned();
        self.weights.push(weight);
        name
    }

    /// Adds a constant number; returns its name.
    pub(super) fn number(&mut self, name: &str, value: f32) -> String {
        self.add(NamedTensor::new(name, &[], move || vec![value]))
    }

    /// Adds a constant vector of integers; returns its name.
    pub(super) fn integers(&mut self, name: &str, values: &[i64]) -> String {
        self.constants.push((name.to_owned(), values.to_vec()));
        name.to_owned()
    }

    /// x · weightᵀ + bias of the linear layer `name`, over the last dimension of `x`.
    pub(super) fn linear(&mut self, x: &str, name: &str) -> String {
        let tensor = self.tensor(&format!("{name}.weight"));
        let [out, width] = *tensor.shape() else { unreachable!("a linear layer is a matrix") };
        let turned = NamedTensor::in_chunks(tensor.name(), &[width, out], move |sink| {
            sink(&transposed(&tensor.values()?, width))
        });
        let (weight, bias) = (self.add(turned), self.weight(&format!("{name}.bias")));
        let product = self.node("MatMul", &[x, &weight], &[]);
        self.node("Add", &[&product, &bias], &[])
    }

    /// The layer normalisation `name` of the last dimension of `x`.
    pub(super) fn norm(&mut self, x: &str, name: &str, epsilon: f64) -> String {
        let [scale, bias] = ["weight", "bias"].map(|kind| self.weight(&format!("{name}.{kind}")));
        let attributes =
            [("axis", Attribute::Int(-1)), ("epsilon", Attribute::Float(epsilon as f32))];
        self.node("LayerNormalization", &[x, &scale, &bias], &attributes)
    }
}

/// An attribute with its name and type.
fn encoded(name: &str, value: &Attribute) -> Message {
    let attribute = Message::default().text(1, name);
    match value {
        Attribute::Float(value) => attribute.float(2, *value).number(20, 1),
        Attribute::Int(value) => attribute.number(3, *value).number(20, 2),
        Attribute::Text(value) => attribute.text(4, value).number(20, 3),
        Attribute::Ints(values) => {
            values.iter().fold(attribute, |all, value| all.number(8, *value)).number(20, 7)
        }
    }
}

/// The columns of a matrix as rows.
fn transposed(values: &[f32], columns: usize) -> Vec<f32> {
    let rows = values.len() / columns;
    (0..values.len()).map(|at| values[at % rows * columns + at / rows]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_columns() {
        assert_eq!(transposed(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    }
}
