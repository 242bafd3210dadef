//! How often a log-in may fail before it has to wait.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use model::Millis;

/// Failures are counted within this time.
const WINDOW: Millis = 15 * 60 * 1000;
/// One address trying one log-in.
const PER_ADDRESS_AND_LOGIN: u32 = 5;
/// One address trying many log-ins.
const PER_ADDRESS: u32 = 30;
/// One log-in tried from many addresses; high, so that strangers cannot lock a person out cheaply.
const PER_LOGIN: u32 = 100;
/// How many counters are kept; beyond it the oldest half goes.
const CAPACITY: usize = 20_000;

/// Counts failed log-ins in memory, by address and by log-in.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<Key, Failures>>);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Address(IpAddr),
    Login(String),
    AddressAndLogin(IpAddr, String),
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    since: Millis,
}

impl Throttle {
    /// Until when `address` has to wait before it may try `login`; none when it may try now.
    pub fn wait_until(&self, address: IpAddr, login: &str, now: Millis) -> Option<Millis> {
        let counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let full = keys(address, login).into_iter().filter_map(|(key, limit)| {
            let failures = counters.get(&key)?;
            let until = failures.since + WINDOW;
            (failures.count >= limit && now < until).then_some(until)
        });
        full.max()
    }

    /// Counts an attempt before its outcome is known, so that many at once cannot slip through.
    pub fn attempted(&self, address: IpAddr, login: &str, now: Millis) {
        let mut counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut counters, now);
        for (key, _) in keys(address, login) {
            let failures = counters.entry(key).or_insert(Failures { count: 0, since: now });
            if now >= failures.since + WINDOW {
                *failures = Failures { count: 0, since: now };
            }
            failures.count += 1;
        }
    }

    /// Takes an attempt back: it succeeded.
    pub fn succeeded(&self, address: IpAddr, login: &str) {
        let mut counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, _) in keys(address, login) {
            match key {
                Key::AddressAndLogin(..) => drop(counters.remove(&key)),
                _ => drop(counters.get_mut(&key).map(|failures| failures.count = failures.count.saturating_sub(1))),
            }
        }
    }
}

fn keys(address: IpAddr, login: &str) -> [(Key, u32); 3] {
    let address = neighbourhood(address);
    let login: String = login.chars().take(100).flat_map(char::to_lowercase).collect();
    [
        (Key::Address(address), PER_ADDRESS),
        (Key::Login(login.clone()), PER_LOGIN),
        (Key::AddressAndLogin(address, login), PER_ADDRESS_AND_LOGIN),
    ]
}

/// A person with IPv6 owns a /64: its addresses count as one.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        IpAddr::V4(_) => address,
    }
}

fn make_room(counters: &mut HashMap<Key, Failures>, now: Millis) {
    if counters.len() < CAPACITY {
        return;
    }
    counters.retain(|_, failures| now < failures.since + WINDOW);
    if counters.len() >= CAPACITY {
        let mut since: Vec<Millis> = counters.values().map(|failures| failures.since).collect();
        let middle = since.len() / 2;
        let (_, median, _) = since.select_nth_unstable(middle);
        let median = *median;
        counters.retain(|_, failures| failures.since > median);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const AWAY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn an_address_waits_after_five_failures_at_one_log_in() {
        let throttle = Throttle::default();
        (0..5).for_each(|_| throttle.attempted(HOME, "Ada", 1_000));

        assert_eq!(throttle.wait_until(HOME, "ada", 2_000), Some(1_000 + WINDOW));
        assert_eq!(throttle.wait_until(HOME, "grace", 2_000), None);
        assert_eq!(throttle.wait_until(AWAY, "ada", 2_000), None);
        assert_eq!(throttle.wait_until(HOME, "ada", 1_000 + WINDOW), None);
    }

    #[test]
    fn an_address_that_tries_many_log_ins_waits_for_all() {
        let throttle = Throttle::default();
        (0..30).for_each(|n| throttle.attempted(HOME, &format!("user{n}"), 0));

        assert!(throttle.wait_until(HOME, "somebody-else", 1).is_some());
    }

    #[test]
    fn success_forgets_the_failures_before_it() {
        let throttle = Throttle::default();
        (0..4).for_each(|_| throttle.attempted(HOME, "ada", 0));
        throttle.attempted(HOME, "ada", 0);
        throttle.succeeded(HOME, "ada");
        throttle.attempted(HOME, "ada", 1);

        assert_eq!(throttle.wait_until(HOME, "ada", 2), None);
    }

    #[test]
    fn neighbours_of_one_ipv6_network_count_as_one() {
        let throttle = Throttle::default();
        for n in 0..5_u16 {
            throttle.attempted(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, n)), "ada", 0);
        }

        assert!(throttle.wait_until("2001:db8::ffff".parse().unwrap(), "ada", 1).is_some());
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::default();
        for n in 0..30_000_u32 {
            throttle.attempted(IpAddr::V4(n.into()), &n.to_string(), i64::from(n));
        }

        assert!(throttle.0.lock().unwrap().len() <= CAPACITY + 3);
    }
}
