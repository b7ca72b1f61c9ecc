"""wftools.catalog.coverage: which of ComfyUI's core node types run here."""

from wftools.catalog.coverage import core, coverage, listing_of, table
from wftools.catalog.description import listed
from wftools.catalog.lookup import Catalogue, shipped
from wftools.catalog.nodes import NodeTypes
from wftools.catalog.target import Target


def test_every_core_type_that_needs_no_paid_server_is_counted_once() -> None:
    found = coverage(listed(core(shipped())))

    types = [name for each in found for name in (*each.implemented, *each.missing)]
    assert len(types) == len(set(types)) == 634
    assert set(NodeTypes()).issuperset(name for each in found for name in each.implemented)
    assert set(NodeTypes()).isdisjoint(name for each in found for name in each.missing)


def test_counts_add_up_whatever_part_of_the_category_counts() -> None:
    signatures = listed(core(shipped()))

    by_first, by_all = coverage(signatures, levels=1), coverage(signatures)

    assert sum(each.all for each in by_first) == sum(each.all for each in by_all)
    assert "| image |" in table(by_first)
    assert listing_of(by_all, missing=True).endswith(f"{sum(len(each.missing) for each in by_all)} do not")


def test_a_target_has_its_own_types() -> None:
    old = listed(core(Catalogue(target=Target("0.8.0"))))

    assert 0 < len(old) < 634
