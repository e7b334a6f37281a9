//! What an encoder's configuration must hold, so that its computation is defined and no size overflows.

use super::{config::EncoderConfig, family::Family};

/// The largest sizes that are accepted: several times those of the largest encoders, and small enough that no product
/// of two sizes overflows, that nothing is reserved which the weights do not have, and that 8-bit products can number
/// their inputs in 16 bits.
const LARGEST: [(&str, usize); 8] = [
    ("vocab_size", 1 << 24),
    ("hidden_size", (1 << 16) - 1),
    ("embedding_size", (1 << 16) - 1),
    ("num_hidden_layers", 1 << 10),
    ("intermediate_size", (1 << 16) - 1),
    ("max_position_embeddings", 1 << 16),
    ("type_vocab_size", 1 << 16),
    ("pad_token_id", 1 << 20),
];

/// Checks the settings of a configuration.
///
/// # Errors
/// What is wrong with the first one that is not supported.
pub(super) fn check(config: &EncoderConfig, family: Family) -> Result<(), String> {
    if config.hidden_act != "gelu" {
        return Err(format!("activation `{}` is not known", config.hidden_act));
    }
    if config.position_embedding_type != "absolute" {
        return Err(format!(
            "positions of type `{}` are not known",
            config.position_embedding_type
        ));
    }
    check_sizes(config, family)?;
    let epsilon = config.layer_norm_eps;
    if !(epsilon > 0.0 && epsilon < 1.0) {
        return Err(format!("a layer_norm_eps of {epsilon} is outside 0 to 1"));
    }
    for p in [config.hidden_dropout_prob, config.attention_probs_dropout_prob] {
        if !(0.0..1.0).contains(&p) {
            return Err(format!("a dropout of {p} is outside 0 to 1"));
        }
    }
    let range = config.initializer_range;
    if !(range > 0.0 && range <= 1.0) {
        return Err(format!("an initializer_range of {range} is outside 0 to 1"));
    }
    Ok(())
}

/// Checks that sizes are neither zero nor too large, that heads divide the hidden size, and that a sentence has room.
fn check_sizes(config: &EncoderConfig, family: Family) -> Result<(), String> {
    let sizes = [
        config.vocab_size,
        config.hidden_size,
        config.embedding_width(),
        config.num_hidden_layers,
        config.intermediate_size,
        config.max_position_embeddings,
        config.type_vocab_size,
        config.pad_token_id,
    ];
    for ((key, largest), size) in LARGEST.into_iter().zip(sizes) {
        if size > largest {
            return Err(format!("{key} {size} is too large (at most {largest})"));
        }
    }
    let needed = [
        config.vocab_size,
        config.hidden_size,
        config.num_attention_heads,
        config.intermediate_size,
        config.embedding_width(),
        if family.has_token_types() { config.type_vocab_size } else { 1 },
    ];
    if needed.contains(&0) || !config.hidden_size.is_multiple_of(config.num_attention_heads) {
        return Err(format!(
            "{} heads do not divide a hidden size of {}, or a size is zero",
            config.num_attention_heads, config.hidden_size
        ));
    }
    if config.max_pieces() < 3 {
        return Err(format!(
            "{} positions leave no room for a sentence",
            config.max_position_embeddings
        ));
    }
    Ok(())
}
