//! Where a run is logged.

use std::{fmt, path::PathBuf, str::FromStr};

/// Where a run is logged, as text `tensorboard:FOLDER` or `mlflow:ADDRESS`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A new event file in this folder.
    TensorBoard(PathBuf),
    /// The MLflow server at this address, without a slash at the end.
    MlFlow(String),
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("tensorboard", folder)) if !folder.is_empty() => {
                Ok(Self::TensorBoard(folder.into()))
            }
            Some(("mlflow", address)) => Ok(Self::MlFlow(server(address)?)),
            _ => Err(format!(
                "`{text}` is neither tensorboard:FOLDER nor mlflow:ADDRESS, such as mlflow:http://localhost:5000"
            )),
        }
    }
}

/// Checks an address.
fn server(address: &str) -> Result<String, String> {
    let rest = address.strip_prefix("http://").or(address.strip_prefix("https://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    if host.is_empty() || address.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(format!(
            "`{address}` is not the address of a server; write one such as mlflow:http://localhost:5000"
        ));
    }
    // A password on the command line is visible to all users of the machine, and in its history.
    if host.contains('@') {
        return Err("the address contains a user; set MLFLOW_TRACKING_USERNAME and \
                    MLFLOW_TRACKING_PASSWORD instead"
            .to_owned());
    }
    Ok(address.trim_end_matches('/').to_owned())
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TensorBoard(folder) => write!(f, "tensorboard:{}", folder.display()),
            Self::MlFlow(address) => write!(f, "mlflow:{address}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_written_as_they_are_read() {
        for text in
            ["tensorboard:runs/a b", "mlflow:http://localhost:5000", "mlflow:https://h/path"]
        {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
        let with_slash = "mlflow:http://h/".parse::<Target>().unwrap();
        assert_eq!(with_slash, Target::MlFlow("http://h".to_owned()));
        // A drive of Windows.
        let windows = r"tensorboard:C:\runs".parse::<Target>().unwrap();
        assert_eq!(windows, Target::TensorBoard(r"C:\runs".into()));
    }

    #[test]
    fn other_targets_are_refused() {
        for (text, says) in [
            ("", "`` is neither tensorboard:FOLDER"),
            ("tensorboard:", "is neither"),
            ("wandb:x", "`wandb:x` is neither"),
            ("mlflow:", "`` is not the address of a server"),
            ("mlflow:sqlite:///a.db", "`sqlite:///a.db` is not"),
            ("mlflow:http://", "`http://` is not"),
            ("mlflow:http://a b", "is not the address"),
            ("mlflow:http://me:secret@h", "set MLFLOW_TRACKING_USERNAME"),
        ] {
            let error = text.parse::<Target>().unwrap_err();
            assert!(error.contains(says) && !error.contains("secret"), "{error}");
        }
    }
}
