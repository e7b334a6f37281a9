//! The folder of a model: a local one, or the cached copy of a model on the Hugging Face hub.

use crate::GleanerError;
use std::{borrow::Cow, path::Path};

/// The path itself if it exists or is not a name on the hub, otherwise the cached copy of the model with this name.
#[cfg(feature = "hub")]
pub(crate) fn resolve(path: &Path) -> Result<Cow<'_, Path>, GleanerError> {
    use gleaner_hub::{Hub, HubId};
    let name = path.to_str().filter(|_| !path.exists());
    match name.and_then(|name| name.parse::<HubId>().ok()) {
        Some(id) => Ok(Hub::from_env()?.tagger(&id, &mut |_| {})?.folder.into()),
        None => Ok(path.into()),
    }
}

/// The path itself: nothing is downloaded without the feature `hub`.
#[cfg(not(feature = "hub"))]
pub(crate) fn resolve(path: &Path) -> Result<Cow<'_, Path>, GleanerError> {
    Ok(path.into())
}
