//! Configuration: the hub, the cache and limits.

use crate::error::{HubError, HubErrorKind};
use std::{
    env::home_dir,
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

/// The default of `HF_ENDPOINT`.
const ENDPOINT: &str = "https://huggingface.co";

/// Configuration of a [`Hub`](crate::Hub): its address, the cache and limits.
#[derive(Clone)]
#[non_exhaustive]
pub struct HubConfig {
    /// The address of the hub, without a slash at the end.
    pub endpoint: String,
    /// The folder that holds `models--OWNER--NAME` and `datasets--OWNER--NAME`.
    pub cache: PathBuf,
    /// The access token. It is sent only to the endpoint, not to the hosts that it redirects to.
    pub token: Option<String>,
    /// Do not use the network. Default: false.
    pub offline: bool,
    /// Maximum number of retries in a row without progress. Default: 4.
    pub retries: u32,
    /// Wait before the first retry; it doubles with each retry. Default: 1 s.
    pub backoff: Duration,
    /// Maximum wait that a server can ask for. Default: 300 s.
    pub max_wait: Duration,
    /// Maximum time without data before a connection counts as dropped. Default: 60 s.
    pub timeout: Duration,
}

impl HubConfig {
    /// A configuration with this address and this cache, without a token.
    ///
    /// ```
    /// let mut config = gleaner_hub::HubConfig::new("https://huggingface.co", "/data/hub");
    /// config.offline = true;
    /// ```
    pub fn new(endpoint: impl Into<String>, cache: impl Into<PathBuf>) -> Self {
        Self {
            endpoint: endpoint.into(),
            cache: cache.into(),
            token: None,
            offline: false,
            retries: 4,
            backoff: Duration::from_secs(1),
            max_wait: Duration::from_secs(300),
            timeout: Duration::from_secs(60),
        }
    }

    /// The configuration in the environment variables of Hugging Face's tools.
    ///
    /// - The endpoint: `HF_ENDPOINT`, or `https://huggingface.co`.
    /// - The cache: `HF_HUB_CACHE`; or `hub` in `HF_HOME`; or `huggingface/hub` in `XDG_CACHE_HOME` or `~/.cache`.
    /// - The token: `HF_TOKEN`; or the file `HF_TOKEN_PATH`; or the file `token` in `HF_HOME`, which `hf auth login`
    ///   writes.
    /// - Offline: `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE` is `1`, `on`, `yes` or `true`.
    ///
    /// Empty variables are ignored.
    ///
    /// # Errors
    /// There is no home folder, `HF_ENDPOINT` is not an address, or a variable is not UTF-8.
    pub fn from_env() -> Result<Self, HubError> {
        Self::from_variables(|name| match std::env::var(name) {
            Ok(value) => Ok(Some(value)),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => {
                Err(settings(name, "not UTF-8", "set it to UTF-8 text"))
            }
        })
    }

    fn from_variables(
        variable: impl Fn(&'static str) -> Result<Option<String>, HubError>,
    ) -> Result<Self, HubError> {
        let get = |name| -> Result<Option<String>, HubError> {
            Ok(variable(name)?
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty()))
        };
        let home = match (get("HF_HOME")?, get("XDG_CACHE_HOME")?) {
            (Some(home), _) => tilde(&home),
            (None, Some(cache)) => tilde(&cache).join("huggingface"),
            (None, None) => home_dir()
                .filter(|home| home.is_absolute())
                .ok_or_else(|| {
                    settings(
                        "HF_HOME",
                        "not set, and there is no home folder",
                        "set it to a folder for downloaded files",
                    )
                })?
                .join(".cache/huggingface"),
        };
        let cache = get("HF_HUB_CACHE")?.map_or_else(|| home.join("hub"), |cache| tilde(&cache));
        let endpoint = get("HF_ENDPOINT")?.unwrap_or_else(|| ENDPOINT.to_owned());
        let mut config = Self::new(endpoint.trim_end_matches('/'), cache);
        config.token = match (get("HF_TOKEN")?, get("HF_TOKEN_PATH")?) {
            (Some(token), _) => Some(token),
            (None, Some(path)) => read_token(&tilde(&path)),
            (None, None) => read_token(&home.join("token")),
        };
        for name in ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"] {
            config.offline |= get(name)?.is_some_and(|value| is_yes(&value));
        }
        config.check()?;
        Ok(config)
    }

    /// Checks that the endpoint is an address and the token is valid in a header.
    pub(crate) fn check(&self) -> Result<(), HubError> {
        if self.token.as_ref().is_some_and(|token| !token.bytes().all(|b| b.is_ascii_graphic())) {
            return Err(settings(
                "HF_TOKEN",
                "contains characters that no token has",
                "copy the token again from the settings of the hub",
            ));
        }
        let host = self.endpoint.strip_prefix("https://").or(self.endpoint.strip_prefix("http://"));
        match host {
            Some(host) if !host.is_empty() && !host.contains(char::is_whitespace) => Ok(()),
            _ => Err(settings(
                "HF_ENDPOINT",
                &format!("`{}` is not an address", self.endpoint),
                &format!("unset it, or set it to an address such as {ENDPOINT}"),
            )),
        }
    }
}

/// Hides the token.
impl fmt::Debug for HubConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubConfig")
            .field("endpoint", &self.endpoint)
            .field("cache", &self.cache)
            .field("token", &self.token.as_ref().map(|_| "(secret)"))
            .field("offline", &self.offline)
            .finish_non_exhaustive()
    }
}

fn settings(name: &str, what: &str, fix: &str) -> HubError {
    HubError::new(HubErrorKind::Settings, name, what, fix)
}

fn is_yes(value: &str) -> bool {
    ["1", "on", "yes", "true"].iter().any(|yes| value.eq_ignore_ascii_case(yes))
}

/// Expands `~/`, which settings files and service managers do not.
fn tilde(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => path.into(),
    }
}

fn read_token(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    Some(text.trim().to_owned()).filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<HubConfig, HubError> {
        HubConfig::from_variables(|name| {
            Ok(variables.iter().find(|v| v.0 == name).map(|v| v.1.to_owned()))
        })
    }

    #[test]
    fn the_cache_is_that_of_other_tools() {
        let cache = |variables: &[(&str, &str)]| of(variables).unwrap().cache;
        assert_eq!(cache(&[("HF_HOME", "/h"), ("XDG_CACHE_HOME", "/x")]), Path::new("/h/hub"));
        assert_eq!(cache(&[("XDG_CACHE_HOME", "/x")]), Path::new("/x/huggingface/hub"));
        assert_eq!(cache(&[("HF_HOME", "/h"), ("HF_HUB_CACHE", "/c")]), Path::new("/c"));
        let home = home_dir().unwrap();
        assert_eq!(cache(&[("HF_HOME", "")]), home.join(".cache/huggingface/hub"));
        assert_eq!(cache(&[("HF_HOME", "~/h")]), home.join("h/hub"));
    }

    #[test]
    fn a_token_comes_from_a_variable_or_a_file() {
        let home = tempfile::tempdir().unwrap();
        let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
        let own = ("HF_HOME", home.path().to_str().unwrap());
        assert_eq!(of(&[own]).unwrap().token, None);
        std::fs::write(path("token"), "logged-in\n").unwrap();
        std::fs::write(path("other"), "other\n").unwrap();
        assert_eq!(of(&[own]).unwrap().token.as_deref(), Some("logged-in"));
        // The token is in HF_HOME, also if the cache is elsewhere.
        let elsewhere = [own, ("HF_HUB_CACHE", "/no/such/place")];
        assert_eq!(of(&elsewhere).unwrap().token.as_deref(), Some("logged-in"));
        let other = path("other");
        let named = [own, ("HF_TOKEN_PATH", other.as_str())];
        assert_eq!(of(&named).unwrap().token.as_deref(), Some("other"));
        let config = of(&[own, ("HF_TOKEN", " secret-one\n")]).unwrap();
        assert_eq!(config.token.as_deref(), Some("secret-one"));
        let shown = format!("{config:?}");
        assert!(shown.contains("(secret)") && !shown.contains("secret-one"), "{shown}");
        insta::assert_snapshot!(of(&[own, ("HF_TOKEN", "two\nlines")]).unwrap_err(), @"HF_TOKEN: contains characters that no token has; copy the token again from the settings of the hub");
    }

    #[test]
    fn offline_has_several_values() {
        for (value, offline) in
            [("1", true), ("TRUE", true), ("Yes", true), ("on", true), ("0", false), ("", false)]
        {
            let config = of(&[("HF_HOME", "/h"), ("HF_HUB_OFFLINE", value)]).unwrap();
            assert_eq!(config.offline, offline, "{value}");
        }
        assert!(of(&[("HF_HOME", "/h"), ("TRANSFORMERS_OFFLINE", "1")]).unwrap().offline);
    }

    #[test]
    fn an_endpoint_is_an_address() {
        let endpoint = |value| of(&[("HF_HOME", "/h"), ("HF_ENDPOINT", value)]);
        assert_eq!(endpoint("").unwrap().endpoint, "https://huggingface.co");
        assert_eq!(endpoint("http://localhost:80/").unwrap().endpoint, "http://localhost:80");
        insta::assert_snapshot!(endpoint("huggingface.co").unwrap_err(), @"HF_ENDPOINT: `huggingface.co` is not an address; unset it, or set it to an address such as https://huggingface.co");
        insta::assert_snapshot!(endpoint("https://").unwrap_err(), @"HF_ENDPOINT: `https:` is not an address; unset it, or set it to an address such as https://huggingface.co");
    }
}
