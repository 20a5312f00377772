"""SPDX 3.0.1 JSON-LD -> SbomDocument: the `@graph` is walked, no RDF is built.

Components are the packages (software, AI, dataset). Files stay in the bytes and are counted, unless one is a root of the
SBOM, or there is no package: then they are the components. The one root of the SBOM is the subject. Licences and
dependencies come from relationships, agents by their names.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

from asbuilt.formats.sbom import spdx_words as words
from asbuilt.formats.sbom.cyclonedx import BSI, DEVICE
from asbuilt.formats.sbom.fixes import VEX, property_claim
from asbuilt.formats.sbom.identifiers import each_once, source_of, source_of_purl
from asbuilt.formats.sbom.limits import Limits
from asbuilt.formats.sbom.model import SbomComponent, SbomDocument
from asbuilt.formats.sbom.refs import Refs
from asbuilt.formats.sbom.refusing import too_large
from asbuilt.formats.sbom.spdx2 import moment

CONTEXT = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
PACKAGES = frozenset(["software_Package", "ai_AIPackage", "dataset_DatasetPackage"])
FILE = "software_File"
DOCUMENT, SBOM = "SpdxDocument", frozenset(["software_Sbom", "Bom", "Bundle"])
RELATIONSHIPS = frozenset(["Relationship", "LifecycleScopedRelationship"])
AGENTS = frozenset(["Agent", "Person", "Organization", "SoftwareAgent"])
_READ_TYPES = PACKAGES | {FILE, DOCUMENT, "software_Sbom", "CreationInfo", "Tool", "simplelicensing_LicenseExpression", "simplelicensing_SimpleLicensingText"} | RELATIONSHIPS | AGENTS  # fmt: skip
_NEEDS = frozenset(["dependsOn", "hasStaticLink", "hasDynamicLink", "hasPrerequisite", "hasOptionalDependency", "hasProvidedDependency"])  # fmt: skip
_LICENCES = frozenset(["hasDeclaredLicense", "hasConcludedLicense"])
_IDENTIFIERS = {"packageUrl": "purl", "cpe23": "cpe", "cpe22": "cpe", "swid": "swid"}
_NONE = ("NoneElement", "NoAssertionElement", "NoneLicense", "NoAssertionLicense")
_KINDS = {
    "sourceArtifact": "source-distribution", "binaryArtifact": "distribution", "issueTracker": "issue-tracker", "vcs": "vcs",
    "securityAdvisory": "advisories", "altWebPage": "website", "mailingList": "mailing-list", "releaseNotes": "release-notes",
    "buildMeta": "build-meta", "buildSystem": "build-system",
}  # fmt: skip
"""Kinds of references that CycloneDX calls otherwise."""
_ASSESSED = {
    "security_VexFixedVulnAssessmentRelationship": "fixed",
    "security_VexNotAffectedVulnAssessmentRelationship": "not_affected",
}
_JUSTIFIED = {
    "componentNotPresent": "component_not_present",
    "inlineMitigationsAlreadyExist": "inline_mitigations_already_exist",
    "vulnerableCodeCannotBeControlledByAdversary": "vulnerable_code_cannot_be_controlled_by_adversary",
    "vulnerableCodeNotInExecutePath": "vulnerable_code_not_in_execute_path",
    "vulnerableCodeNotPresent": "vulnerable_code_not_present",
}
_LEADS_OUT = ("https://spdx.org/rdf/", "https://spdx.org/licenses/")


def with_plain_context(document: dict, doubts: list[tuple[str, str]]) -> dict:
    """The document with the one context that the schema knows, where its own is that one and prefixes beside it."""
    context = document.get("@context")
    if not isinstance(context, list) or CONTEXT not in context:
        return document
    if all(
        one == CONTEXT or (isinstance(one, dict) and all(isinstance(to, str) for to in one.values())) for one in context
    ):
        doubts.append(
            ("/@context", "Names prefixes beside the context of SPDX; identifiers stand as they are written.")
        )
        return {**document, "@context": CONTEXT}
    return document


class Reader:
    """One document on its way into the one form."""

    def __init__(self, document: dict, limits: Limits):
        # a document of one element may stand without a graph
        self.graph: list[dict] = list(_elements(document.get("@graph") or [document]))
        self.limits = limits
        self.refs = Refs()
        self.doubts: list[tuple[str, str]] = []
        self.unread: set[str] = set()
        self.by_id = {one.get("spdxId") or one.get("@id"): one for one in self.graph}
        self.parents: dict[str, str] = {}
        self.needs: dict[str, dict[str, None]] = defaultdict(dict)
        self.licences: dict[str, dict[str, None]] = defaultdict(dict)
        self.acknowledged: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        self.pedigree: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self.completeness: list[tuple[str, str]] = []
        self.described: list[str] = []

    def read(self) -> SbomDocument:
        """The whole document. Invalid where it breaks a limit."""
        kinds = Counter(one.get("type") for one in self.graph)
        self.unread.update(str(kind) for kind in kinds if kind not in _READ_TYPES)
        self._relationships()
        self._assessments()
        document = next((one for one in self.graph if one.get("type") == DOCUMENT), {})
        sbom = next((one for one in self.graph if one.get("type") in SBOM), {})
        roots = self._roots(document, sbom)
        components = list(self._components(roots))
        top = [one for one in components if one.ref in roots]
        subject = top[0] if len(top) == 1 else None
        creation = self._creation(document)
        return SbomDocument(
            "spdx",
            str(creation.get("specVersion") or "3.0.1"),
            "json",
            document.get("spdxId") or "",
            created_at=moment(creation.get("created"), "created", self.doubts),
            authors=tuple(self._names(creation.get("createdBy"))),
            tools=tuple(self._names(creation.get("createdUsing"))),
            lifecycle=";".join(sbom.get("software_sbomType") or ()),
            subject=subject,
            components=tuple(one for one in components if one is not subject),
            dependencies=tuple((ref, tuple(on)) for ref, on in self.needs.items()),
            completeness=tuple(self.completeness),
            vulnerabilities=kinds["security_Vulnerability"],
            unread=tuple(sorted(self.unread)),
            doubts=tuple(self.doubts + self.refs.doubts),
            contacts=tuple(self._contacts(creation.get("createdBy"))),
        )

    def _creation(self, document: dict) -> dict:
        said = document.get("creationInfo")
        if isinstance(said, dict):
            return said
        found = self.by_id.get(said)
        return found or next((one for one in self.graph if one.get("type") == "CreationInfo"), {})

    def _names(self, ids) -> Iterator[str]:
        for one in ids or ():
            yield self._name(one)

    def _contacts(self, agents) -> Iterator[str]:
        """E-mail addresses and URLs of agents, given by their ids or standing in place."""
        for agent in agents or ():
            one = agent if isinstance(agent, dict) else self.by_id.get(agent) or {}
            for each in one.get("externalIdentifier") or ():
                if isinstance(each, dict) and each.get("externalIdentifierType") in ("email", "urlScheme"):
                    yield each.get("identifier") or ""

    def _name(self, agent) -> str:
        """The name of an agent or tool, given by its id or standing in place."""
        one = agent if isinstance(agent, dict) else self.by_id.get(agent) or {}
        return one.get("name") or (agent if isinstance(agent, str) else "")

    def _roots(self, document: dict, sbom: dict) -> set[str]:
        roots = set(self.described)
        for one in map(_id, [*(sbom.get("rootElement") or ()), *(document.get("rootElement") or ())]):
            kind = (self.by_id.get(one) or {}).get("type")
            if kind in PACKAGES or kind == FILE:
                roots.add(one)
        return roots

    def _relationships(self) -> None:
        edges, others = 0, set()
        for at, one in enumerate(self.graph):
            if one.get("type") not in RELATIONSHIPS:
                continue
            first, kind, targets = (
                _id(one.get("from")),
                one.get("relationshipType"),
                [_id(to) for to in one.get("to") or ()],
            )
            edges += len(targets)
            if edges > self.limits.dependencies:
                raise too_large("relationships or more", edges, self.limits.dependencies, f"/@graph/{at}")
            if kind in _NEEDS:
                self.needs[first].update(dict.fromkeys(to for to in targets if not to.endswith(_NONE)))
                if one.get("completeness"):
                    self.completeness.append((first, one["completeness"]))
            elif kind in _LICENCES:
                named = dict.fromkeys(self._licence(to) for to in targets)
                self.licences[first].update(named)
                self.acknowledged[kind, first].update(named)
            elif kind == "contains":
                for to in targets:
                    if to != first:
                        self.parents.setdefault(to, first)
            elif kind == "describes":
                self.described += targets if (self.by_id.get(first) or {}).get("type") in {DOCUMENT, *SBOM} else []
            elif kind in ("patchedBy", "ancestorOf", "descendantOf", "hasVariant"):
                self._pedigree(kind, first, targets)
            else:
                others.add(f"relationships.{kind}")
            self._use(at, first, targets)
        self.unread.update(others)

    def _assessments(self) -> None:
        """VEX assessments that something is fixed or not affected, as Yocto writes them: lines of the pedigree of what they speak of."""
        for one in self.graph:
            status = _ASSESSED.get(one.get("type") or "")
            if not status:
                continue
            vulnerability = self.by_id.get(_id(one.get("from"))) or {}
            names = [
                each.get("identifier") or ""
                for each in vulnerability.get("externalIdentifier") or ()
                if isinstance(each, dict)
            ]
            name = next(filter(None, (*names, vulnerability.get("name"))), "").rpartition("/")[2]
            because = _JUSTIFIED.get((one.get("security_justificationType") or "").rpartition("/")[2], "")
            said = (name, status, because, one.get("security_impactStatement") or one.get("security_statusNotes") or "")
            for to in map(_id, one.get("to") or ()):
                self.pedigree[to].append((VEX, " ".join(filter(None, said))))

    def _pedigree(self, kind: str, first: str, targets: list[str]) -> None:
        for to in targets:
            if kind == "patchedBy":
                self.pedigree[first].append(("patch", self._name(to)))
            elif kind == "descendantOf":
                self.pedigree[first].append(("ancestor", self._name(to)))
            elif kind == "ancestorOf":
                self.pedigree[to].append(("ancestor", self._name(first)))
            else:
                self.pedigree[first].append(("variant", self._name(to)))

    def _use(self, at: int, first: str, targets: list[str]) -> None:
        for ref in (first, *targets):
            if ref not in self.by_id and not ref.startswith(_LEADS_OUT) and not ref.endswith(_NONE):
                self.refs.use(ref, f"/@graph/{at}")

    def _licence(self, ref: str) -> str:
        one = self.by_id.get(ref) or {}
        expression = one.get("simplelicensing_licenseExpression") or one.get("simplelicensing_licenseText")
        if expression:
            return expression
        if ref.endswith(_NONE):
            return ""
        return one.get("name") or ref.removeprefix("https://spdx.org/licenses/")

    def _components(self, roots: set[str]) -> Iterator[SbomComponent]:
        packages = [(at, one) for at, one in enumerate(self.graph) if one.get("type") in PACKAGES]
        files = [(at, one) for at, one in enumerate(self.graph) if one.get("type") == FILE]
        taken = [(at, one) for at, one in files if not packages or one.get("spdxId") in roots]
        if len(taken) < len(files):
            self.unread.add("files")
        if len(packages) + len(taken) > self.limits.components:
            raise too_large("components", len(packages) + len(taken), self.limits.components, "/@graph")
        listed = sorted(packages + taken, key=lambda pair: pair[0])
        ids = {one.get("spdxId") for _, one in listed}
        for at, one in listed:
            yield self._component(one, f"/@graph/{at}", ids)

    def _component(self, one: dict, place: str, ids: set[str]) -> SbomComponent:
        spdx_id = one.get("spdxId") or ""
        found = self._identifiers(one)
        location = words.said(one.get("software_downloadLocation"))
        parent = self.parents.get(spdx_id, "")
        is_file = one.get("type") == FILE
        properties, facts = _properties(one)
        found["more"] += facts["more"]
        pedigree = [*self.pedigree.get(spdx_id, ()), *filter(None, (property_claim(*each) for each in properties))]
        references = [*_references(one.get("externalRef"))]
        if location and not any(kind == "distribution" for kind, *_ in references):
            references.append(("vcs" if location.startswith("git+") else "distribution", location, ()))
        return SbomComponent(
            self.refs.take(spdx_id, place),
            parent if parent in ids else "",
            words.kind_of(one.get("software_primaryPurpose") or ("file" if is_file else "")),
            "",
            one.get("name") or "",
            words.said(one.get("software_packageVersion")),
            self._name(one["suppliedBy"]) if one.get("suppliedBy") else "",
            ", ".join(self._names(one.get("originatedBy"))),
            found["purl"],
            found["cpe"],
            found["swid"],
            more_identifiers=each_once([*found["more"], *source_of(location), *source_of_purl(found["purl"])]),
            hashes=tuple(
                (words.algorithm(each["algorithm"]), each["hashValue"].lower())
                for each in one.get("verifiedUsing") or ()
                if isinstance(each, dict) and each.get("type") == "Hash"
            ),
            licences=tuple(licence for licence in self.licences.get(spdx_id, ()) if words.said(licence)),
            copyright=words.said(one.get("software_copyrightText")),
            description=one.get("description") or one.get("summary") or "",
            file_name=one.get("name") or "" if is_file else facts["file_name"],
            executable=facts["executable"],
            archive=facts["archive"],
            structured=facts["structured"],
            pedigree=tuple(pedigree),
            concluded=tuple(filter(words.said, self.acknowledged.get(("hasConcludedLicense", spdx_id), ()))),
            declared=tuple(filter(words.said, self.acknowledged.get(("hasDeclaredLicense", spdx_id), ()))),
            contacts=tuple(self._contacts(one.get("originatedBy"))),
            references=tuple(references),
            properties=tuple(properties),
        )

    def _identifiers(self, one: dict) -> dict:
        found = {"purl": one.get("software_packageUrl") or "", "cpe": "", "swid": "", "more": []}
        for each in one.get("externalIdentifier") or ():
            if not isinstance(each, dict):
                continue
            kind, value = each.get("externalIdentifierType") or "", each.get("identifier") or ""
            name = _IDENTIFIERS.get(kind)
            if name and not found[name]:
                found[name] = value
            elif not name or found[name] != value:
                found["more"].append((name or kind, value))
        for each in one.get("software_contentIdentifier") or ():
            if isinstance(each, dict):
                found["more"].append(
                    (
                        each.get("software_contentIdentifierType") or "",
                        each.get("software_contentIdentifierValue") or "",
                    )
                )
        return found


def _properties(one: dict) -> tuple[list[tuple[str, str]], dict]:
    """Properties that stand as SPDX's extension for CycloneDX's: those that the one form has no field for, and the others by field."""
    plain: list[tuple[str, str]] = []
    facts: dict = {**dict.fromkeys(BSI.values(), ""), "more": []}
    for extension in one.get("extension") or ():
        for each in extension.get("extension_cdxProperty") or () if isinstance(extension, dict) else ():
            name, value = each.get("extension_cdxPropName") or "", each.get("extension_cdxPropValue") or ""
            if name in BSI:
                facts[BSI[name]] = value
            elif name in DEVICE:
                facts["more"].append((DEVICE[name], value))
            else:
                plain.append((name, value))
    return plain, facts


def _references(listed) -> Iterator[tuple[str, str, tuple]]:
    for each in listed or ():
        kind = each.get("externalRefType") or "" if isinstance(each, dict) else ""
        for url in (each.get("locator") or ()) if kind else ():
            yield _KINDS.get(kind) or each.get("comment") or kind, url, ()


def _id(reference) -> str:
    """The id of an element that is named or stands in place."""
    return (reference.get("spdxId") or "") if isinstance(reference, dict) else reference or ""


def _elements(listed: list) -> Iterator[dict]:
    """The elements of a graph, those too that stand inside others instead of being named by them."""
    for top in listed:
        yield top
        waiting = [each for each in top.values() if type(each) in (dict, list)]
        while waiting:
            one = waiting.pop()
            if type(one) is dict and "spdxId" in one and "type" in one:
                yield one
            waiting += [each for each in (one.values() if type(one) is dict else one) if type(each) in (dict, list)]
