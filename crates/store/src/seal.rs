//! Secrets at rest: XChaCha20-Poly1305, bound to table, column and row.
/// Seals and opens secrets.
#[derive(Debug)]
pub struct Sealer;
