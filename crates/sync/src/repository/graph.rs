//! The commit graph of one repository in memory: the ranges of thousands of merge requests without a process each.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use model::ObjectId;

/// Commits and their parents. About 250 bytes a commit.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    index: HashMap<ObjectId, u32>,
    ids: Vec<ObjectId>,
    parents: Vec<Vec<u32>>,
    /// One more than the highest of the parents, so that no commit comes before its descendants in a walk.
    generations: Vec<u32>,
}

/// On which side of a walk a commit lies.
const LEFT: u8 = 1;
const RIGHT: u8 = 2;
const BOTH: u8 = LEFT | RIGHT;

impl Graph {
    /// Adds one commit. Parents that never come themselves count as roots (a shallow or filtered history).
    pub(crate) fn add(&mut self, id: ObjectId, parents: Vec<ObjectId>) {
        let child = self.place(id);
        let parents = parents.into_iter().map(|parent| self.place(parent)).collect();
        self.parents[child as usize] = parents;
    }

    /// To be called once all commits are there.
    pub(crate) fn seal(&mut self) {
        self.generations = vec![0; self.ids.len()];
        let mut stack = Vec::new();
        for start in 0..self.ids.len() {
            stack.push(start);
            while let Some(&top) = stack.last() {
                if self.generations[top] > 0 {
                    stack.pop();
                    continue;
                }
                let before = stack.len();
                let mut highest = 0;
                for &parent in &self.parents[top] {
                    match self.generations[parent as usize] {
                        0 => stack.push(parent as usize),
                        generation => highest = highest.max(generation),
                    }
                }
                if stack.len() == before {
                    self.generations[top] = highest + 1;
                    stack.pop();
                }
            }
        }
    }

    /// Whether the commit is there.
    pub(crate) fn contains(&self, id: &ObjectId) -> bool {
        self.index.contains_key(id)
    }

    /// The parents of a commit; none when it is not there.
    pub(crate) fn first_parent(&self, id: &ObjectId) -> Option<&ObjectId> {
        let parent = *self.parents[*self.index.get(id)? as usize].first()?;
        Some(&self.ids[parent as usize])
    }

    /// The best common ancestor of two commits; none without one.
    pub(crate) fn merge_base(&self, left: &ObjectId, right: &ObjectId) -> Option<ObjectId> {
        let mut walk = Walk::new(self);
        walk.push(*self.index.get(left)?, LEFT);
        walk.push(*self.index.get(right)?, RIGHT);
        while let Some((commit, side)) = walk.next() {
            if side == BOTH {
                return Some(self.ids[commit as usize].clone());
            }
        }
        None
    }

    /// `head --not base`: what is reachable from `head` and not from `base`, newest first.
    pub(crate) fn range(&self, head: &ObjectId, base: Option<&ObjectId>) -> Vec<ObjectId> {
        let mut walk = Walk::new(self);
        let Some(&head) = self.index.get(head) else { return Vec::new() };
        walk.push(head, LEFT);
        if let Some(&base) = base.and_then(|base| self.index.get(base)) {
            walk.push(base, RIGHT);
        }
        let mut range = Vec::new();
        while walk.left_waiting > 0 {
            match walk.next() {
                Some((commit, LEFT)) => range.push(self.ids[commit as usize].clone()),
                Some(_) => {}
                None => break,
            }
        }
        range
    }

    fn place(&mut self, id: ObjectId) -> u32 {
        let next = u32::try_from(self.ids.len()).expect("a repository has less than four billion commits");
        *self.index.entry(id).or_insert_with_key(|id| {
            self.ids.push(id.clone());
            self.parents.push(Vec::new());
            next
        })
    }
}

/// Goes down from some commits, descendants always before ancestors, so that a commit's side is final when it comes.
struct Walk<'g> {
    graph: &'g Graph,
    /// By commit; zero: not met. A zeroed list costs less than a map, as a walk can meet thousands.
    sides: Vec<u8>,
    waiting: BinaryHeap<(u32, Reverse<u32>)>,
    /// How many of the waiting commits are reachable from the left only.
    left_waiting: usize,
}

impl<'g> Walk<'g> {
    fn new(graph: &'g Graph) -> Self {
        Self { graph, sides: vec![0; graph.ids.len()], waiting: BinaryHeap::new(), left_waiting: 0 }
    }

    fn push(&mut self, commit: u32, side: u8) {
        let known = self.sides[commit as usize];
        let merged = known | side;
        if known == merged {
            return;
        }
        self.sides[commit as usize] = merged;
        if known == 0 {
            self.waiting.push((self.graph.generations[commit as usize], Reverse(commit)));
        }
        match (known, merged) {
            (0, LEFT) => self.left_waiting += 1,
            (LEFT, BOTH) => self.left_waiting -= 1,
            _ => {}
        }
    }

    fn next(&mut self) -> Option<(u32, u8)> {
        let (_, Reverse(commit)) = self.waiting.pop()?;
        let side = self.sides[commit as usize];
        if side == LEFT {
            self.left_waiting -= 1;
        }
        for &parent in &self.graph.parents[commit as usize] {
            self.push(parent, side);
        }
        Some((commit, side))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> ObjectId {
        format!("{number:040x}").parse().unwrap()
    }

    fn graph(commits: &[(usize, &[usize])]) -> Graph {
        let mut graph = Graph::default();
        for (commit, parents) in commits {
            graph.add(id(*commit), parents.iter().map(|parent| id(*parent)).collect());
        }
        graph.seal();
        graph
    }

    /// 1 ← 2 ← 3 (master) ← 7 (merge of 5); 2 ← 4 ← 5 (feature); 5 ← 6 (after the merge)
    fn merged_feature() -> Graph {
        graph(&[(7, &[3, 5]), (6, &[5]), (5, &[4]), (4, &[2]), (3, &[2]), (2, &[1]), (1, &[])])
    }

    #[test]
    fn the_base_of_two_branches_is_where_they_part() {
        // given
        let graph = merged_feature();

        // then
        assert_eq!(graph.merge_base(&id(3), &id(5)), Some(id(2)));
        assert_eq!(graph.merge_base(&id(7), &id(5)), Some(id(5)));
        assert_eq!(graph.merge_base(&id(5), &id(5)), Some(id(5)));
        assert_eq!(graph.merge_base(&id(5), &id(9)), None);
    }

    #[test]
    fn a_range_holds_what_the_base_does_not_reach() {
        // given
        let graph = merged_feature();

        // then
        assert_eq!(graph.range(&id(5), Some(&id(3))), [id(5), id(4)]);
        assert_eq!(graph.range(&id(5), Some(&id(7))), []);
        assert_eq!(graph.range(&id(6), Some(&id(7))), [id(6)]);
        assert_eq!(graph.range(&id(5), None).len(), 4);
        assert_eq!(graph.range(&id(9), None), []);
    }

    #[test]
    fn the_first_parent_of_a_merge_is_the_target_before_it() {
        // given
        let graph = merged_feature();

        // then
        assert_eq!(graph.first_parent(&id(7)), Some(&id(3)));
        assert_eq!(graph.first_parent(&id(1)), None);
        assert!(graph.contains(&id(1)) && !graph.contains(&id(9)));
    }

    #[test]
    fn walks_of_a_long_history_are_short_and_deep_ones_do_not_overflow() {
        // given: a line of 100,000 commits with a side branch near its end
        let mut graph = Graph::default();
        for commit in 1..100_000 {
            graph.add(id(commit), vec![id(commit - 1)]);
        }
        graph.add(id(200_000), vec![id(99_990)]);
        graph.seal();

        // when
        let range = graph.range(&id(200_000), Some(&id(99_999)));

        // then
        assert_eq!(range, [id(200_000)]);
        assert_eq!(graph.merge_base(&id(200_000), &id(99_999)), Some(id(99_990)));
    }

    mod properties {
        use std::collections::HashSet;

        use proptest::prelude::*;

        use super::*;

        fn reachable(parents: &[Vec<usize>], from: usize) -> HashSet<usize> {
            let (mut seen, mut stack) = (HashSet::new(), vec![from]);
            while let Some(commit) = stack.pop() {
                if seen.insert(commit) {
                    stack.extend(&parents[commit]);
                }
            }
            seen
        }

        fn histories() -> impl Strategy<Value = Vec<Vec<usize>>> {
            proptest::collection::vec(proptest::collection::vec(any::<prop::sample::Index>(), 0..3), 2..40).prop_map(
                |raw| {
                    raw.iter()
                        .enumerate()
                        .map(|(commit, parents)| {
                            let parents = if commit == 0 { &[][..] } else { &parents[..] };
                            parents.iter().map(|parent| parent.index(commit)).collect()
                        })
                        .collect()
                },
            )
        }

        proptest! {
            #[test]
            fn a_range_is_the_difference_of_what_both_reach(
                parents in histories(), head in any::<prop::sample::Index>(), base in any::<prop::sample::Index>()
            ) {
                let (head, base) = (head.index(parents.len()), base.index(parents.len()));
                let mut graph = Graph::default();
                for (commit, parents) in parents.iter().enumerate().rev() {
                    graph.add(id(commit), parents.iter().map(|parent| id(*parent)).collect());
                }
                graph.seal();

                let range: HashSet<_> = graph.range(&id(head), Some(&id(base))).into_iter().collect();

                let expected: HashSet<_> =
                    reachable(&parents, head).difference(&reachable(&parents, base)).map(|commit| id(*commit)).collect();
                prop_assert_eq!(range, expected);
            }
        }
    }
}
