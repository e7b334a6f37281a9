//! The encoder: input_ids and attention_mask in, hidden states `[batch, pieces, hidden]` out.

use super::graph::{
    Attribute::{Int, Ints},
    FLOAT, Graph,
};
use gleaner_nn::encoder::EncoderConfig;

/// What is added to the score of a piece of padding: its probability is 0 in f32, and the number is finite in f16 too.
const PADDED: f32 = -1e4;

/// Appends an encoder that normalises after its sublayers (Devlin et al. 2019). Returns the name of the hidden states.
pub(super) fn append(graph: &mut Graph, config: &EncoderConfig) -> String {
    let mut hidden = embeddings(graph, config);
    let mask = mask(graph);
    let heads = config.num_attention_heads as i64;
    let width = (config.hidden_size / config.num_attention_heads) as i64;
    let attention = Attention {
        split: graph.integers("split", &[0, 0, heads, width]),
        join: graph.integers("join", &[0, 0, heads * width]),
        scale: graph.number("scale", 1.0 / (width as f32).sqrt()),
        mask,
    };
    let gelu = Gelu {
        root: graph.number("root", std::f32::consts::SQRT_2),
        one: graph.number("one", 1.0),
        half: graph.number("half", 0.5),
    };
    for layer in 0..config.num_hidden_layers {
        let name = |part: &str| format!("bert.encoder.layer.{layer}.{part}");
        let context = attention.append(graph, &hidden, &name("attention.self"));
        let output = graph.linear(&context, &name("attention.output.dense"));
        let sum = graph.node("Add", &[&output, &hidden], &[]);
        let norm = name("attention.output.LayerNorm");
        let attended = graph.norm(&sum, &norm, config.layer_norm_eps);
        let up = graph.linear(&attended, &name("intermediate.dense"));
        let activated = gelu.append(graph, &up);
        let down = graph.linear(&activated, &name("output.dense"));
        let sum = graph.node("Add", &[&down, &attended], &[]);
        hidden = graph.norm(&sum, &name("output.LayerNorm"), config.layer_norm_eps);
    }
    hidden
}

/// The sum of word, position and token-type embeddings, normalised.
fn embeddings(graph: &mut Graph, config: &EncoderConfig) -> String {
    let table = graph.weight("bert.embeddings.word_embeddings.weight");
    let words = graph.node("Gather", &[&table, "input_ids"], &[("axis", Int(0))]);
    // The rows of the positions: as many as there are pieces, from the first one on.
    let table = graph.weight("bert.embeddings.position_embeddings.weight");
    let first = graph.integers("first_position", &[config.first_position() as i64]);
    let rows = graph.integers("rows", &[0]);
    let pieces = graph.node("Shape", &["input_ids"], &[("start", Int(1)), ("end", Int(2))]);
    let last = graph.node("Add", &[&pieces, &first], &[]);
    let positions = graph.node("Slice", &[&table, &first, &last, &rows], &[]);
    let mut sum = graph.node("Add", &[&words, &positions], &[]);
    if config.type_vocab_size > 0 {
        // All pieces are of the first type.
        let table = graph.weight("bert.embeddings.token_type_embeddings.weight");
        let end = graph.integers("first_type", &[1]);
        let first = graph.node("Slice", &[&table, &rows, &end, &rows], &[]);
        sum = graph.node("Add", &[&sum, &first], &[]);
    }
    let normalised = graph.norm(&sum, "bert.embeddings.LayerNorm", config.layer_norm_eps);
    match config.embedding_width() == config.hidden_size {
        true => normalised,
        false => graph.linear(&normalised, "bert.embeddings_project"),
    }
}

/// What is added to attention scores, `[batch, 1, 1, pieces]`: 0, and [`PADDED`] for padding.
fn mask(graph: &mut Graph) -> String {
    let axes = graph.integers("mask_axes", &[1, 2]);
    let one = graph.number("present", 1.0);
    let padded = graph.number("padded", PADDED);
    let mask = graph.node("Cast", &["attention_mask"], &[("to", Int(FLOAT))]);
    let mask = graph.node("Unsqueeze", &[&mask, &axes], &[]);
    let absent = graph.node("Sub", &[&one, &mask], &[]);
    graph.node("Mul", &[&absent, &padded], &[])
}

/// The constants of attention.
struct Attention {
    /// `[batch, pieces, heads, width]`.
    split: String,
    /// `[batch, pieces, hidden]`.
    join: String,
    scale: String,
    mask: String,
}

impl Attention {
    /// Attention among the pieces of each sentence, before the output's linear layer.
    fn append(&self, graph: &mut Graph, x: &str, name: &str) -> String {
        let mut part = |kind: &str, order: &[i64]| {
            let projected = graph.linear(x, &format!("{name}.{kind}"));
            let split = graph.node("Reshape", &[&projected, &self.split], &[]);
            graph.node("Transpose", &[&split], &[("perm", Ints(order))])
        };
        let query = part("query", &[0, 2, 1, 3]);
        let key = part("key", &[0, 2, 3, 1]);
        let value = part("value", &[0, 2, 1, 3]);
        let scores = graph.node("MatMul", &[&query, &key], &[]);
        let scaled = graph.node("Mul", &[&scores, &self.scale], &[]);
        let masked = graph.node("Add", &[&scaled, &self.mask], &[]);
        let shares = graph.node("Softmax", &[&masked], &[("axis", Int(-1))]);
        let context = graph.node("MatMul", &[&shares, &value], &[]);
        let joined = graph.node("Transpose", &[&context], &[("perm", Ints(&[0, 2, 1, 3]))]);
        graph.node("Reshape", &[&joined, &self.join], &[])
    }
}

/// The constants of GELU.
struct Gelu {
    root: String,
    one: String,
    half: String,
}

impl Gelu {
    /// x · (1 + erf(x / √2)) / 2 (Hendrycks and Gimpel 2016), in the order of operations that runtimes fuse.
    fn append(&self, graph: &mut Graph, x: &str) -> String {
        let scaled = graph.node("Div", &[x, &self.root], &[]);
        let error = graph.node("Erf", &[&scaled], &[]);
        let sum = graph.node("Add", &[&error, &self.one], &[]);
        let product = graph.node("Mul", &[x, &sum], &[]);
        graph.node("Mul", &[&product, &self.half], &[])
    }
}
