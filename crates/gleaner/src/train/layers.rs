//! Layers of the encoder that a training freezes, resets, or trains at rates of their own.

use crate::{DecayOn, GleanerError, Settings, settings::Freeze};
use gleaner_nn::network::Network;

/// Refuses settings that do not fit an encoder with this number of layers.
pub(super) fn check(settings: &Settings, layers: usize) -> Result<(), GleanerError> {
    let frozen = match settings.network.freeze {
        Freeze::Layers(n) => n,
        Freeze::None | Freeze::Embeddings => 0,
    };
    let reset = settings.network.reset_layers;
    let bad = |what: String| Err(GleanerError::Settings(what));
    for (key, count) in [("freeze", frozen), ("reset-layers", reset)] {
        if count > layers {
            return bad(format!("{key}: the encoder has {layers} layers; use {layers} or fewer"));
        }
    }
    if frozen + reset > layers {
        return bad(format!(
            "reset-layers: the encoder has {layers} layers, and {frozen} of them are frozen, which would keep new layers \
             untrained; use {} or fewer",
            layers - frozen
        ));
    }
    Ok(())
}

/// Prepares the parameters of a network whose vocabulary is active for training.
pub(super) fn arrange(settings: &Settings, network: &mut Network) {
    network.reset_layers(settings.network.reset_layers, settings.run.seed);
    network.params.freeze(|name| settings.network.freeze.keeps(name));
    network.decay_rates_by_layer(settings.optimizer.layer_decay);
    if settings.optimizer.decay_on == DecayOn::Weights {
        network.params.decay_only_weights();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Overrides;

    fn refused(toml: &str) -> Option<String> {
        let file: Overrides = toml::from_str(toml).unwrap();
        let settings = Settings::resolve(&[&file]).unwrap();
        check(&settings, 4).err().map(|e| e.to_string())
    }

    #[test]
    fn layers_that_an_encoder_does_not_have_are_refused() {
        for accepted in
            ["", "freeze = \"4\"", "reset-layers = 4", "freeze = \"3\"\nreset-layers = 1"]
        {
            assert_eq!(refused(accepted), None, "{accepted}");
        }
        let most = "the encoder has 4 layers; use 4 or fewer";
        assert_eq!(refused("freeze = \"5\""), Some(format!("freeze: {most}")));
        assert_eq!(refused("reset-layers = 5"), Some(format!("reset-layers: {most}")));
        let error = refused("freeze = \"3\"\nreset-layers = 2").unwrap();
        assert!(error.starts_with("reset-layers: the encoder has 4 layers, and 3"), "{error}");
        assert!(error.ends_with("use 1 or fewer"), "{error}");
    }
}
