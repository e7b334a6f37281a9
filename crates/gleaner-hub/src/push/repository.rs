//! The repository that a model is sent to: creating it, and its state.

use super::Push;
use crate::{
    answer::Answer,
    backoff::Backoff,
    commit::Commit,
    error::{HubError, HubErrorKind},
    event::Watch,
    failure::Failure,
    http::Post,
    id::MAIN,
    listing::{Listing, RevisionReply, revision},
    refusal::not_taken,
    request::Request,
};
use serde_json::{Value, json};

const JSON: &str = "application/json";

impl Push<'_> {
    /// Creates the repository and the branch, if they are missing. Returns whether the repository is new.
    pub(super) fn prepare(&self, private: bool, watch: Watch<'_>) -> Result<bool, HubError> {
        let (owner, name) = self.request.repository.split_once('/').expect("a checked name");
        let mut what = json!({"name": name, "organization": owner, "type": "model"});
        if private {
            what["visibility"] = "private".into();
        }
        let url = format!("{}/api/repos/create", self.client.config.endpoint);
        let answer = self.post_json(&url, &what, "repository", watch)?;
        let created = match answer.status {
            200..300 => true,
            409 => false,
            // A token that may write to one repository may not create others.
            401..=403 => match self.state(private, watch) {
                Ok(_) => false,
                Err(_) => return Err(not_taken(&answer, &self.target("repository"))),
            },
            _ => return Err(not_taken(&answer, &self.target("repository"))),
        };
        if private && !created {
            // Before a branch is made.
            self.check_private(watch)?;
        }
        // A revision such as `refs/pr/1` is not a branch.
        let branch = self.request.revision;
        if branch != MAIN && !branch.starts_with("refs/") {
            let url = self.request.api_url(&self.client.config.endpoint, "branch");
            let answer = self.post_json(&url, &json!({}), "branch", watch)?;
            if !matches!(answer.status, 200..300 | 409) {
                return Err(not_taken(&answer, &self.target("branch")));
            }
        }
        Ok(created)
    }

    /// The last commit of the branch, and its files.
    pub(super) fn state(
        &self,
        private: bool,
        watch: Watch<'_>,
    ) -> Result<(Commit, Listing), HubError> {
        let (target, backoff) = (self.target("list of files"), Backoff::new(&self.client.config));
        let (commit, reply) = revision(self.client, &self.request, &target, backoff, watch)?;
        if private {
            self.refuse_public(&reply)?;
        }
        Ok((commit, reply.listing()))
    }

    /// Refuses a repository that is public.
    fn check_private(&self, watch: Watch<'_>) -> Result<(), HubError> {
        let (target, backoff) = (self.target("list of files"), Backoff::new(&self.client.config));
        let (_, reply) = revision(self.client, &self.at(MAIN), &target, backoff, watch)?;
        self.refuse_public(&reply)
    }

    fn refuse_public(&self, reply: &RevisionReply) -> Result<(), HubError> {
        if reply.private {
            return Ok(());
        }
        let page = format!("{}/{}", self.client.config.endpoint, self.request.page);
        Err(HubError::new(
            HubErrorKind::Settings,
            &self.request.id,
            "the repository is public, and --private was given; nothing was sent",
            format!("make it private at {page}/settings, or leave out --private"),
        ))
    }

    /// A request for another revision of the repository.
    fn at<'r>(&'r self, revision: &'r str) -> Request<'r> {
        let Request { id, kind, repository, page, .. } = &self.request;
        Request { id: id.clone(), kind: *kind, repository, page: page.clone(), revision }
    }

    /// The files of a commit.
    pub(super) fn listing_of(
        &self,
        commit: &Commit,
        watch: Watch<'_>,
    ) -> Result<Listing, HubError> {
        let (target, backoff) = (self.target("list of files"), Backoff::new(&self.client.config));
        let request = self.at(commit.as_str());
        let (_, reply) = revision(self.client, &request, &target, backoff, watch)?;
        Ok(reply.listing())
    }

    /// Sends JSON to the hub, with retries.
    pub(super) fn post_json(
        &self,
        url: &str,
        what: &Value,
        file: &str,
        watch: Watch<'_>,
    ) -> Result<Answer, HubError> {
        self.post(url, what, (JSON, JSON), true, file, watch)
    }

    /// Sends JSON of these types (sent, accepted), with retries.
    pub(super) fn post(
        &self,
        url: &str,
        what: &Value,
        (content_type, accept): (&'static str, &'static str),
        with_token: bool,
        file: &str,
        watch: Watch<'_>,
    ) -> Result<Answer, HubError> {
        let (target, body) = (self.target(file), what.to_string());
        let post = Post { body: body.as_bytes(), content_type, accept, with_token };
        self.client.retried(&target, watch, |_| self.client.post(url, post, &target))
    }

    /// Sends the lines of a commit once.
    pub(super) fn post_commit(&self, lines: &str) -> Result<Answer, Failure> {
        let url = self.request.api_url(&self.client.config.endpoint, "commit");
        let (body, content_type) = (lines.as_bytes(), "application/x-ndjson");
        let post = Post { body, content_type, accept: JSON, with_token: true };
        self.client.post(&url, post, &self.target("commit"))
    }
}
