//! When to try again, and when that was enough.

use crate::{HubConfig, event::Event, event::Watch};
use std::time::Duration;

/// However often something fails, the next attempt is no further off.
const LONGEST_BACKOFF: Duration = Duration::from_secs(30);

/// Counts failures in a row of one thing.
pub(crate) struct Patience<'c> {
    config: &'c HubConfig,
    allowed: u32,
    failures: u32,
}

impl<'c> Patience<'c> {
    pub(crate) fn new(config: &'c HubConfig) -> Self {
        Self { config, allowed: config.retries, failures: 0 }
    }

    /// No second attempt: there is something to fall back on.
    pub(crate) fn none(config: &'c HubConfig) -> Self {
        Self { config, allowed: 0, failures: 0 }
    }

    /// It got further: only failures from here on count.
    pub(crate) fn renew(&mut self) {
        self.failures = 0;
    }

    /// Waits as long as the server `asked` for, or ever longer. False where it has failed often enough.
    pub(crate) fn again(
        &mut self,
        file: &str,
        reason: &str,
        asked: Option<Duration>,
        watch: Watch<'_>,
    ) -> bool {
        if self.failures >= self.allowed {
            return false;
        }
        let backoff = self.config.backoff.saturating_mul(1 << self.failures.min(16));
        let wait = asked.unwrap_or(backoff.min(LONGEST_BACKOFF));
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
    fn waits_double_up_to_a_number_of_times() {
        let mut config = HubConfig::new("http://localhost", "cache");
        (config.retries, config.backoff) = (3, Duration::from_micros(1));
        let mut patience = Patience::new(&config);
        let mut waits = Vec::new();
        let mut watch = |event: Event<'_>| {
            let Event::Waiting { wait, .. } = event else { panic!("{event:?}") };
            waits.push(wait.as_micros());
        };
        while patience.again("f", "r", None, &mut watch) {}
        patience.renew();
        assert!(patience.again("f", "r", Some(Duration::from_micros(7)), &mut watch));
        assert!(!Patience::none(&config).again("f", "r", None, &mut watch));
        assert_eq!(waits, [1, 2, 4, 7]);
    }
}
