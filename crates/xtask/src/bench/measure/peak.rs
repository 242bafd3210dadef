//! The memory of processes, as the kernel counts it (`VmHWM` and `VmRSS` in `/proc/<id>/status`).

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// From one look at the children to the next.
const LOOK: Duration = Duration::from_millis(5);

/// The most that a process that is still there ever had, in bytes; 0 once it is gone.
pub fn of(process: u32) -> u64 {
    figure(process, "VmHWM:")
}

/// What a process has now, in bytes; 0 once it is gone.
pub fn now(process: u32) -> u64 {
    figure(process, "VmRSS:")
}

fn figure(process: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let figure =
        status.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    figure.unwrap_or_default() * 1024
}

/// Looks again and again at the processes that another one started.
pub struct Watch {
    stop: Arc<AtomicBool>,
    watching: JoinHandle<HashMap<u32, u64>>,
}

impl Watch {
    /// Begins.
    pub fn children_of(process: u32) -> Self {
        let stop = Arc::<AtomicBool>::default();
        let stopped = Arc::clone(&stop);
        let watching = std::thread::spawn(move || {
            let mut peaks = HashMap::new();
            while !stopped.load(Ordering::Relaxed) {
                look(process, &mut peaks);
                std::thread::sleep(LOOK);
            }
            peaks
        });
        Self { stop, watching }
    }

    /// Ends; how many processes were seen, and the most memory that any single one of them had, in bytes.
    pub fn end(self) -> (usize, u64) {
        self.stop.store(true, Ordering::Relaxed);
        let peaks = self.watching.join().unwrap_or_default();
        (peaks.len(), peaks.values().copied().max().unwrap_or_default())
    }
}

/// Notes the peaks of all processes below one.
fn look(process: u32, peaks: &mut HashMap<u32, u64>) {
    for child in children(process) {
        let peak = peaks.entry(child).or_default();
        *peak = of(child).max(*peak);
        look(child, peaks);
    }
}

/// Every thread has children of its own.
fn children(process: u32) -> Vec<u32> {
    let threads = std::fs::read_dir(PathBuf::from(format!("/proc/{process}/task")));
    let of_thread =
        |thread: std::fs::DirEntry| std::fs::read_to_string(thread.path().join("children")).unwrap_or_default();
    let lists: Vec<String> = threads.into_iter().flatten().flatten().map(of_thread).collect();
    lists.iter().flat_map(|list| list.split_whitespace()).filter_map(|id| id.parse().ok()).collect()
}
