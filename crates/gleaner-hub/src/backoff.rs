//! Waiting between attempts.

use crate::{HubConfig, event::Event, event::Watch};
use std::time::Duration;

/// The maximum wait that doubling leads to.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// Counts the failures in a row of one operation and waits longer after each.
pub(crate) struct Backoff<'c> {
    config: &'c HubConfig,
    retries: u32,
    failures: u32,
}

impl<'c> Backoff<'c> {
    /// Retries as the configuration says.
    pub(crate) fn new(config: &'c HubConfig) -> Self {
        Self { config, retries: config.retries, failures: 0 }
    }

    /// No retries, because the caller has a fallback.
    pub(crate) fn none(config: &'c HubConfig) -> Self {
        Self { config, retries: 0, failures: 0 }
    }

    /// Forgets earlier failures after progress.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }

    /// Waits for the time that the server `asked` for, or for twice the last wait. Returns false without
    /// waiting if no retry is left.
    pub(crate) fn wait(
        &mut self,
        file: &str,
        reason: &str,
        asked: Option<Duration>,
        watch: Watch<'_>,
    ) -> bool {
        if self.failures >= self.retries {
            return false;
        }
        let doubled = self.config.backoff.saturating_mul(1 << self.failures.min(16));
        let wait = asked.unwrap_or(doubled.min(MAX_WAIT));
        self.failures += 1;
        watch(Event::Waiting { file, wait, reason });
        std::thread::sleep(wait);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_until_no_retry_is_left() {
        let mut config = HubConfig::new("http://localhost", "cache");
        (config.retries, config.backoff) = (3, Duration::from_micros(1));
        let mut backoff = Backoff::new(&config);
        let mut waits = Vec::new();
        let mut watch = |event: Event<'_>| {
            let Event::Waiting { wait, .. } = event else { panic!("{event:?}") };
            waits.push(wait.as_micros());
        };
        while backoff.wait("f", "r", None, &mut watch) {}
        backoff.reset();
        assert!(backoff.wait("f", "r", Some(Duration::from_micros(7)), &mut watch));
        assert!(!Backoff::none(&config).wait("f", "r", None, &mut watch));
        assert_eq!(waits, [1, 2, 4, 7]);
    }
}
