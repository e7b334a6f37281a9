//! The environment variables of MLflow's own client.

use base64::{Engine, prelude::BASE64_STANDARD};
use std::env;

/// What the variables choose.
pub(super) struct Environment {
    pub(super) experiment: Experiment,
    /// The run to continue.
    pub(super) run: Option<String>,
    /// The header `Authorization`.
    pub(super) authorization: Option<String>,
}

/// The experiment that a new run is part of.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Experiment {
    Id(String),
    Name(String),
}

impl Environment {
    pub(super) fn read() -> Self {
        Self::of(|name| env::var(name).ok())
    }

    /// Empty variables count as unset.
    pub(super) fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let get = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let experiment = match (get("MLFLOW_EXPERIMENT_ID"), get("MLFLOW_EXPERIMENT_NAME")) {
            (Some(id), _) => Experiment::Id(id),
            (None, Some(name)) => Experiment::Name(name),
            // Every server has this one.
            (None, None) => Experiment::Name("Default".to_owned()),
        };
        let password = get("MLFLOW_TRACKING_PASSWORD").unwrap_or_default();
        let basic = |user: String| {
            format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")))
        };
        let bearer = |token: String| format!("Bearer {}", token.trim());
        let authorization = match get("MLFLOW_TRACKING_USERNAME") {
            Some(user) => Some(basic(user)),
            None => get("MLFLOW_TRACKING_TOKEN").map(bearer),
        };
        Self { experiment, run: get("MLFLOW_RUN_ID"), authorization }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Environment {
        Environment::of(|name| {
            variables.iter().find(|v| v.0 == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn an_experiment_has_an_id_or_a_name() {
        let name = ("MLFLOW_EXPERIMENT_NAME", "Faroese");
        assert_eq!(of(&[]).experiment, Experiment::Name("Default".into()));
        assert_eq!(of(&[name]).experiment, Experiment::Name("Faroese".into()));
        assert_eq!(
            of(&[name, ("MLFLOW_EXPERIMENT_ID", "7")]).experiment,
            Experiment::Id("7".into())
        );
        assert_eq!(of(&[("MLFLOW_EXPERIMENT_NAME", " ")]).experiment, of(&[]).experiment);
    }

    #[test]
    fn a_user_is_sent_before_a_token() {
        let token = ("MLFLOW_TRACKING_TOKEN", "t0ken\n");
        assert_eq!(of(&[]).authorization, None);
        assert_eq!(of(&[token]).authorization.as_deref(), Some("Bearer t0ken"));
        let user = [
            ("MLFLOW_TRACKING_USERNAME", "Aladdin"),
            ("MLFLOW_TRACKING_PASSWORD", "open sesame"),
            token,
        ];
        // The example of RFC 7617, section 2.
        assert_eq!(of(&user).authorization.as_deref(), Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
    }
}
