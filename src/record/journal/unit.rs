//! Whom an entry is about: the unit, and the run of it.
//!
//! In: the fields of an entry. Out: a name that an operator can act on, never empty. The writer of an entry is often
//! not whom it is about: the manager, the coredump handler and podman write about others.

use std::borrow::Cow;

use super::fields::{Known, Raw, text};
use crate::base::{stem, unit_kind};
use crate::record::{Reference, klog, manager, podman};

/// A unit and one run of it.
pub(super) struct About<'a> {
    pub(super) unit: Cow<'a, str>,
    /// INVOCATION_ID or container id; empty when nobody says.
    pub(super) invocation: Cow<'a, str>,
}

/// Names the unit of an entry; `message` is the decoded message.
pub(super) fn about<'a>(known: &Known<'a>, message: &'a [u8], reference: &'a Reference) -> About<'a> {
    if known.transport.and_then(Raw::plain) == Some(b"kernel") {
        return About { unit: Cow::Borrowed("kernel"), invocation: Cow::Borrowed("") };
    }
    if writes_about_others(known) {
        let named = [known.user_unit, known.unit].into_iter().flatten().map(Raw::text).find(|u| is_name(u));
        let unit = named.or_else(|| manager::subject(message).map(Cow::Borrowed));
        if let Some(unit) = unit {
            return About { unit, invocation: text(known.user_invocation.or(known.invocation)) };
        }
    }
    let others = [known.coredump_user_unit, known.coredump_unit, known.object_user_unit, known.object_unit];
    if let Some(unit) = others.into_iter().flatten().map(Raw::text).find(|u| is_name(u)) {
        return About { unit, invocation: Cow::Borrowed("") };
    }
    let owner = owner(known);
    if let Some(name) = known.container.map(Raw::text).filter(|n| !n.is_empty()) {
        return container(known, name, owner);
    }
    if identifier(known) == b"podman"
        && let Some((unit, id)) = podman::subject(message)
    {
        return About { unit: Cow::Borrowed(unit), invocation: Cow::Borrowed(id) };
    }
    if identifier(known) == b"kubelet"
        && let Some(pod) = klog::subject(message, message)
    {
        return About { unit: Cow::Borrowed(pod), invocation: Cow::Borrowed("") };
    }
    let printer = || [known.identifier, known.comm].into_iter().flatten().map(Raw::text).find(|n| !n.is_empty());
    let own = || known.own_unit.map(Raw::text).filter(|u| !u.is_empty());
    let unit = owner.or_else(printer).or_else(own).unwrap_or(Cow::Borrowed(&reference.unit));
    About { unit, invocation: text(known.own_invocation) }
}

/// Must the message be read to name the unit of such an entry? When in doubt, yes.
pub(super) fn needs_message(known: &Known<'_>) -> bool {
    if known.transport.and_then(Raw::plain) == Some(b"kernel") {
        return false;
    }
    if writes_about_others(known) {
        return ![known.user_unit, known.unit].into_iter().flatten().map(Raw::text).any(|u| is_name(&u));
    }
    matches!(identifier(known), b"podman" | b"kubelet")
}

/// Is this the manager of the system or of a user, or one of the helpers that write with `UNIT=`?
fn writes_about_others(known: &Known<'_>) -> bool {
    let scope = |unit: Option<Raw<'_>>| unit.and_then(Raw::plain) == Some(b"init.scope");
    let named = known.unit.is_some() || known.user_unit.is_some();
    let who = known.comm.and_then(Raw::plain).unwrap_or(b"");
    identifier(known) == b"systemd"
        || scope(known.own_unit)
        || scope(known.own_user_unit)
        // The process that becomes the unit's program is called `(name)` until it does.
        || named && (known.message_id.is_some() || who.starts_with(b"systemd") || who.starts_with(b"("))
}

fn identifier<'a>(known: &Known<'a>) -> &'a [u8] {
    known.identifier.or(known.comm).and_then(Raw::plain).unwrap_or(b"")
}

/// The unit that the writer belongs to, unless it only says whose session it is.
fn owner<'a>(known: &Known<'a>) -> Option<Cow<'a, str>> {
    let user = known.own_user_unit.map(Raw::text).filter(|u| !u.is_empty() && u != "init.scope");
    user.or_else(|| known.own_unit.map(Raw::text).filter(|u| !u.is_empty() && !is_session(u)))
}

/// Units that hold whatever a user runs: they name a person, not a program.
fn is_session(unit: &str) -> bool {
    unit == "init.scope"
        || unit.starts_with("user@") && unit.ends_with(".service")
        || unit.starts_with("session-") && unit.ends_with(".scope")
}

/// A container's name is its unit, but for a container that a service of the same name runs (Quadlet), where the
/// manager's messages about the service must meet it.
fn container<'a>(known: &Known<'a>, name: Cow<'a, str>, owner: Option<Cow<'a, str>>) -> About<'a> {
    if let Some(owner) = owner {
        let plain = name.strip_prefix("systemd-").unwrap_or(&name);
        if unit_kind(&owner) == Some("service") && [&*name, plain].contains(&stem(&owner)) {
            return About { unit: owner, invocation: text(known.own_invocation) };
        }
    }
    let invocation = text(known.container_id_full.or(known.container_id));
    About { unit: pod(&name).map_or(name, Cow::Owned), invocation }
}

/// `k8s_<container>_<pod>_<namespace>_<uid>_<attempt>`, as the kubelet names docker containers, in the order of
/// Kubernetes: `namespace/pod/container`.
fn pod(name: &str) -> Option<String> {
    let mut parts = name.strip_prefix("k8s_")?.split('_');
    let (container, pod, namespace) = (parts.next()?, parts.next()?, parts.next()?);
    Some(format!("{namespace}/{pod}/{container}"))
}

fn is_name(unit: &str) -> bool {
    unit_kind(unit).is_some()
}
