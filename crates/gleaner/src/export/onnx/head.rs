//! The head: hidden states `[batch, pieces, hidden]` in, emissions `[batch, pieces, tags]` out.

use super::graph::{
    Attribute::{Int, Ints, Text},
    Graph, INT32,
};
use crate::model::Decoding;
use gleaner_nn::weights::NamedTensor;

/// The name of the graph's result.
pub(super) const EMISSIONS: &str = "emissions";

/// Appends the BiLSTM, if there is one, and the linear layer.
pub(super) fn append(graph: &mut Graph, hidden: &str, decoding: &Decoding) {
    let input = match decoding.lstm_layers {
        0 => hidden.to_owned(),
        layers => bilstm(graph, hidden, layers, decoding.lstm_units),
    };
    let emissions = graph.linear(&input, "fc");
    graph.named_node("Identity", &[&emissions], &[], EMISSIONS);
}

/// A stack of bidirectional LSTM layers. Each sentence is read over its own length, in both directions.
fn bilstm(graph: &mut Graph, hidden: &str, layers: usize, units: usize) -> String {
    let axes = graph.integers("length_axes", &[1]);
    let sum = graph.node("ReduceSum", &["attention_mask", &axes], &[("keepdims", Int(0))]);
    let lengths = graph.node("Cast", &[&sum], &[("to", Int(INT32))]);
    let joined = graph.integers("directions", &[0, 0, 2 * units as i64]);
    // ONNX's LSTM reads [pieces, batch, width] and writes [pieces, directions, batch, units].
    let mut steps = graph.node("Transpose", &[hidden], &[("perm", Ints(&[1, 0, 2]))]);
    for layer in 0..layers {
        let [input, recurrent] = ["ih", "hh"].map(|kind| weights(graph, kind, layer, units));
        let bias = biases(graph, layer, units);
        let attributes = [("direction", Text("bidirectional")), ("hidden_size", Int(units as i64))];
        let inputs = [&steps, &input, &recurrent, &bias, &lengths].map(String::as_str);
        let both = graph.node("LSTM", &inputs, &attributes);
        let side_by_side = graph.node("Transpose", &[&both], &[("perm", Ints(&[0, 2, 1, 3]))]);
        steps = graph.node("Reshape", &[&side_by_side, &joined], &[]);
    }
    graph.node("Transpose", &[&steps], &[("perm", Ints(&[1, 0, 2]))])
}

/// The suffixes of the names of the two directions.
const DIRECTIONS: [&str; 2] = ["", "_reverse"];

/// The weights of both directions, `[2, 4 · units, width]`.
fn weights(graph: &mut Graph, kind: &str, layer: usize, units: usize) -> String {
    let both = DIRECTIONS.map(|way| graph.tensor(&format!("lstm.weight_{kind}_l{layer}{way}")));
    let width = both[0].shape()[1];
    let name = format!("lstm.weight_{kind}_l{layer}");
    graph.add(NamedTensor::in_chunks(name, &[2, 4 * units, width], move |sink| {
        both.iter().try_for_each(|one| sink(&in_order_of_onnx(&one.values()?)))
    }))
}

/// The biases of both directions, those of the input before those of the hidden state: `[2, 8 · units]`.
fn biases(graph: &mut Graph, layer: usize, units: usize) -> String {
    let all = DIRECTIONS.map(|way| {
        ["ih", "hh"].map(|kind| graph.tensor(&format!("lstm.bias_{kind}_l{layer}{way}")))
    });
    let name = format!("lstm.bias_l{layer}");
    graph.add(NamedTensor::in_chunks(name, &[2, 8 * units], move |sink| {
        all.iter().flatten().try_for_each(|one| sink(&in_order_of_onnx(&one.values()?)))
    }))
}

/// The rows of the gates in the order of ONNX (input, output, forget, cell), from that of PyTorch (input, forget, cell,
/// output).
fn in_order_of_onnx(values: &[f32]) -> Vec<f32> {
    let gate = values.len() / 4;
    [0, 3, 1, 2].into_iter().flat_map(|at| &values[at * gate..][..gate]).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_are_in_the_order_of_onnx() {
        let input_forget_cell_output = [1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5];
        let expected = [1.0, 1.5, 4.0, 4.5, 2.0, 2.5, 3.0, 3.5];
        assert_eq!(in_order_of_onnx(&input_forget_cell_output), expected);
    }
}
