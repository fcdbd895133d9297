#!/usr/bin/python3
"""The program from outside: usage, exit codes, what goes to stdout and what to stderr. No cluster is needed.

test_program.py RAYKEEP [unittest arguments]"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

CLUSTER = """
apiVersion: ray.io/v1
kind: RayCluster
metadata: {name: demo}
spec:
  rayVersion: "2.60.0"
  headGroupSpec:
    rayStartParams: {}
    template:
      spec:
        containers:
        - name: ray-head
          image: lab/ray:2.60.0
          resources: {limits: {cpu: "1", memory: 2Gi}, requests: {cpu: "1", memory: 2Gi}}
  workerGroupSpecs:
  - groupName: small
    replicas: 1
    minReplicas: 1
    maxReplicas: 2
    rayStartParams: {}
    template:
      spec:
        containers:
        - name: ray-worker
          image: lab/ray:2.60.0
          resources: {limits: {cpu: "1", memory: 2Gi}, requests: {cpu: "1", memory: 2Gi}}
"""
SITE = ("apiVersion: raykeep.io/v1\nkind: Site\nmetadata: {name: bank}\n"
        "spec: {tls: {mode: none}, images: {raykeep: bank/raykeep:1}}\n")
RAYKEEP = ""


class Program(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.cluster = self.file("cluster.yaml", CLUSTER)
        self.site = self.file("site.yaml", SITE)

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def run_program(self, *args, exits=0, stdin="", program=None, **environment):
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("KUBE")}
        done = subprocess.run([program or RAYKEEP, *args], input=stdin, capture_output=True, text=True, timeout=60,
                              env={**inherited, "HOME": str(self.folder), **environment})
        self.assertEqual(done.returncode, exits, f"{args}: {done.stdout}{done.stderr}")
        return done

    # --- usage

    def test_usage_errors_exit_2_and_name_the_help(self):
        for args in ([], ["frobnicate"], ["up"], ["render"], ["check"], ["down"], ["schema"], ["schema", "pod"],
                     ["status", "-o", "xml"], ["up", "-f", "x", "--timeout", "soon"], ["--frobnicate"],
                     ["up", "-f", "x", "--dry-run=maybe"], ["down", "a", "-f", "b"], ["connect", "--serve", "99999"]):
            done = self.run_program(*args, exits=2)
            self.assertIn("--help", done.stderr, args)
            self.assertEqual(done.stdout, "", args)

    def test_a_mistyped_command_is_guessed(self):
        self.assertIn('did you mean "status"', self.run_program("statsu", exits=2).stderr)

    def test_a_file_without_f_is_explained(self):
        self.assertIn("-f", self.run_program("render", "cluster.yaml", exits=2).stderr)

    def test_help_goes_to_stdout(self):
        for args in (["--help"], ["up", "--help"], ["down", "-h"]):
            done = self.run_program(*args)
            self.assertIn("Usage", done.stdout)
            self.assertIn("raykeep", done.stdout)
            self.assertNotIn("{", done.stdout)
            self.assertEqual(done.stderr, "")
        self.assertIn("Usage: raykeep up [OPTIONS]", self.run_program("up", "--help").stdout)

    def test_as_a_plugin_the_usage_says_kubectl_raykeep(self):
        plugin = self.folder / "kubectl-raykeep"
        plugin.symlink_to(RAYKEEP)
        self.assertIn("kubectl raykeep up", self.run_program("up", exits=2, program=str(plugin)).stderr)
        self.assertIn("kubectl raykeep", self.run_program("--help", program=str(plugin)).stdout)

    # --- check

    def test_a_good_document_is_called_good(self):
        done = self.run_program("check", "-f", self.cluster, "--site", self.site)
        self.assertIn("RayCluster demo: good", done.stdout)
        self.assertIn("StatefulSet", done.stdout)

    def test_check_takes_files_as_arguments_and_standard_input(self):
        self.run_program("check", self.cluster, "--site", self.site)
        self.run_program("check", "-", "--site", self.site, stdin=CLUSTER)

    def test_findings_exit_3_with_their_place(self):
        bad = self.file("bad.yaml", CLUSTER.replace("replicas: 1\n", "replicas: many\n", 1))
        done = self.run_program("check", "-f", bad, exits=3)
        self.assertRegex(done.stdout, r"bad\.yaml:\d+:\d+ RK\d{4} ")

    # --- where a head keeps its state

    REDIS = SITE.replace("images:", "redis: {addresses: [redis.data.svc], tls: {}, user: ray, "
                         "passwordSecret: {name: redis}, peers: [{namespace: data}]}, images:")

    def test_redis_acl_is_one_line_for_each_cluster(self):
        site = self.file("redis.yaml", self.REDIS)
        done = self.run_program("site", "redis-acl", "-f", self.cluster, "--site", site, "-n", "team")
        self.assertRegex(done.stdout, r"^user ray on .* ~RAYteam\.demo\.\*@\* .*\+evalsha .*\n$")
        self.assertNotIn("+@", done.stdout)
        done = self.run_program("site", "redis-acl", "-f", self.cluster, "--site", site, "-n", "team", "--user", "me")
        self.assertIn("user me on", done.stdout)

    def test_redis_acl_says_where_there_is_none_to_write(self):
        done = self.run_program("site", "redis-acl", "-f", self.cluster, "--site", self.site)
        self.assertEqual(done.stdout, "")
        self.assertIn("keeps no state in Redis", done.stderr)

    def test_site_policies_are_for_the_administrator(self):
        cilium = SITE.replace("{tls: {mode: none},", "{tls: {mode: none}, networkPolicy: {enforcer: cilium}, "
                              "apiServer: {administrator: true},")
        done = self.run_program("site", "policies", "-f", self.cluster, "--site", self.file("c.yaml", cilium), "-n", "team")
        self.assertIn("kind: CiliumNetworkPolicy\nmetadata:\n  name: raykeep-controller-api-server\n  namespace: team",
                      done.stdout)
        done = self.run_program("site", "policies", "-f", self.cluster, "--site", self.site)
        self.assertIn("# Nothing to apply", done.stdout)
        self.assertNotIn("kind:", done.stdout)

    def test_site_mesh_is_for_whoever_looks_after_the_mesh(self):
        istio = SITE.replace("{tls: {mode: none},", "{tls: {mode: mesh, mesh: istio-sidecar},")
        done = self.run_program("site", "mesh", "-f", self.cluster, "--site", self.file("m.yaml", istio), "-n", "team")
        self.assertIn("kind: PeerAuthentication\nmetadata:\n  name: demo-head\n  namespace: team", done.stdout)
        self.assertIn("mode: STRICT", done.stdout)
        done = self.run_program("site", "mesh", "-f", self.cluster, "--site", self.site)
        self.assertEqual(done.stdout, "# The Site has no mesh: nothing to apply.\n")
        self.run_program("site", "mesh", "--site", self.site, exits=2)

    def test_check_names_what_breaks_in_a_mesh(self):
        istio = SITE.replace("{tls: {mode: none},", "{tls: {mode: mesh, mesh: istio-sidecar},")
        cluster = CLUSTER.replace("    template:\n", "    template:\n      metadata: {labels: "
                                  "{sidecar.istio.io/inject: \"false\"}}\n", 1)
        done = self.run_program("check", "-f", self.file("in.yaml", cluster), "--site", self.file("m.yaml", istio), "-n", "team", exits=3)
        self.assertIn("RK4206", done.stdout)
        self.assertIn("not in the mesh", self.run_program("check", "--explain", "RK4206").stdout)

    def test_the_controllers_policy_leaves_the_api_server_to_the_administrator_where_the_site_says_so(self):
        cilium = SITE.replace("{tls: {mode: none},", "{tls: {mode: none}, networkPolicy: {enforcer: cilium}, "
                              "apiServer: {administrator: true},")
        done = self.run_program("controller", "install", "-n", "team", "--site", self.file("c.yaml", cilium), "-o", "yaml")
        self.assertNotIn("6443", done.stdout)
        self.assertIn("raykeep site policies", done.stderr)

    def test_render_leaves_no_placeholder_and_prints_no_password(self):
        site = self.file("redis.yaml", SITE)
        cluster = self.file("ft.yaml", CLUSTER.replace(
            '  rayVersion: "2.60.0"\n', '  rayVersion: "2.60.0"\n  gcsFaultToleranceOptions: '
            '{redisAddress: "10.0.0.1:6379", redisPassword: {value: geheim}}\n'))
        done = self.run_program("render", "-f", cluster, "--site", site, "-n", "team")
        self.assertIn("RAY_external_storage_namespace\n          value: team.demo.static", done.stdout)
        self.assertIn("kubectl create secret generic demo-gcs-redis -n team", done.stdout)
        for text in (done.stdout, done.stderr):
            self.assertNotIn("@raykeep.io", text)
            self.assertNotIn("geheim", text)

    def test_findings_as_json_are_one_array(self):
        bad = self.file("bad.yaml", CLUSTER.replace("kind: RayCluster", "kind: RayJob"))
        found = json.loads(self.run_program("check", "-f", bad, "-o", "json", exits=3).stdout)
        self.assertEqual([(f["code"], f["severity"], f["line"]) for f in found if f["severity"] == "error"], [("RK5002", "error", 3)])
        self.assertEqual(json.loads(self.run_program("check", "-f", self.cluster, "--site", self.site, "-o", "json").stdout), [])

    def test_documents_of_other_kinds_are_passed_by_with_a_notice(self):
        both = self.file("both.yaml", CLUSTER + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: code}\n")
        done = self.run_program("check", "-f", both, "--site", self.site)
        self.assertIn("RK5003 notice", done.stdout)
        self.assertIn("ConfigMap", done.stdout)

    def test_files_without_a_cluster_two_of_one_name_and_no_kind_are_findings(self):
        for code, text in (("RK5006", "apiVersion: v1\nkind: ConfigMap\n"), ("RK5007", CLUSTER + "---" + CLUSTER),
                           ("RK5001", "a: 1\n"), ("RK5004", SITE)):
            self.assertIn(code, self.run_program("check", "-f", self.file("x.yaml", text), exits=3).stdout)

    def test_a_missing_and_an_unreadable_file_are_findings(self):
        self.assertIn("RK1001", self.run_program("check", "-f", str(self.folder / "none.yaml"), exits=3).stdout)
        self.assertIn("RK1001", self.run_program("check", "-f", str(self.folder), exits=3).stdout)
        self.assertIn("RK1001", self.run_program("check", "-f", self.cluster, "--site", "/nowhere", exits=3).stdout)

    def test_strict_fails_on_warnings(self):
        # Without a Site nobody has decided about encryption; with one that does, there is nothing to warn of.
        self.run_program("check", "-f", self.cluster, "--site", self.site, "--strict")
        undecided = self.file("undecided.yaml", "apiVersion: raykeep.io/v1\nkind: Site\nmetadata: {name: x}\nspec: {}\n")
        self.run_program("check", "-f", self.cluster, "--site", undecided)
        self.run_program("check", "-f", self.cluster, "--site", undecided, "--strict", exits=3)

    def test_codes_are_explained(self):
        for code in ("RK5003", "RK2001", "RK3040", "RK5101", "RK5106"):
            self.assertIn(code, self.run_program("check", "--explain", code).stdout)
        self.run_program("check", "--explain", "RK0000", exits=2)

    # --- policy profiles

    BAD = pathlib.Path(__file__).resolve().parents[1] / "profile/bad"

    def test_profiles_find_nothing_in_a_plain_cluster(self):
        for profiles in (["pss-baseline"], ["pss-baseline,pss-restricted"], ["kyverno", "nsa-cisa"]):
            flags = [word for profile in profiles for word in ("--profile", profile)]
            self.assertIn("good", self.run_program("check", self.cluster, "--site", self.site, *flags).stdout)

    def test_what_a_profile_refuses_is_said_to_the_letter(self):
        # UPDATE_GOLDEN=1 writes it anew.
        said = self.run_program("check", self.BAD / "cluster.yaml", "--site", self.BAD / "site.yaml", "--profile", "all", exits=3).stdout
        said = said.replace(f"{self.BAD}/", "")
        if os.environ.get("UPDATE_GOLDEN"):
            (self.BAD / "findings").write_text(said)
        self.assertEqual(said, (self.BAD / "findings").read_text())

    def test_findings_of_profiles_tell_programs_the_rule(self):
        site = self.file("openshift.yaml", SITE.replace("spec: {", "spec: {profiles: [openshift-restricted-v2], "))
        found = json.loads(self.run_program("check", self.cluster, "--site", site, "-o", "json", exits=3).stdout)
        self.assertEqual({(f["severity"], f["code"], f["profile"], f["rule"]) for f in found},
                         {("error", "RK5106", "openshift-restricted-v2", rule) for rule in ("runAsUser", "fsGroup")})
        self.assertEqual({f["object"] for f in found}, {"StatefulSet demo-head", "Deployment demo-worker-small"})
        self.assertTrue(all(f["line"] > 0 and f["file"] == self.cluster for f in found))
        # Its Site is all that a cluster on OpenShift needs.
        site = self.file("openshift.yaml", SITE.replace("spec: {", "spec: {openshift: true, profiles: [openshift-restricted-v2], "))
        self.assertEqual(json.loads(self.run_program("check", self.cluster, "--site", site, "-o", "json").stdout), [])

    def test_up_says_as_warnings_what_the_profiles_of_the_site_refuse(self):
        config = self.file("config", json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "clusters": [{"name": "k", "cluster": {"server": "https://127.0.0.1:1"}}], "users": [{"name": "u", "user": {"token": "t"}}],
            "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u", "namespace": "ray"}}]}))
        site = self.file("openshift.yaml", SITE.replace("spec: {", "spec: {profiles: [openshift-restricted-v2], "))
        done = self.run_program("up", "-f", self.cluster, "--site", site, "--kubeconfig", config, "--request-timeout", "2s", exits=1)
        self.assertIn("RK5106 warning spec.headGroupSpec.template.spec.securityContext.runAsUser", done.stderr)
        self.assertIn("127.0.0.1:1", done.stderr)  # it went on

    def test_unknown_profiles_are_refused_with_the_list(self):
        for name in ("pss", "kyverno,nobody", "Kyverno"):
            done = self.run_program("check", self.cluster, "--profile", name, exits=2)
            self.assertIn("pss-baseline,pss-restricted,kyverno,gatekeeper,nsa-cisa,openshift-restricted-v2", done.stderr)
        site = self.file("odd.yaml", SITE.replace("spec: {", "spec: {profiles: [pss], "))
        done = self.run_program("check", self.cluster, "--site", site, exits=3)
        self.assertIn("RK3004 spec.profiles[0]", done.stdout)

    def test_the_namespace_default_is_refused_only_where_somebody_says_it(self):
        done = self.run_program("check", self.cluster, "--site", self.site, "--profile", "kyverno", "-n", "default", exits=3)
        self.assertIn("disallow-default-namespace", done.stdout)

    # --- controller install

    def test_controller_install_prints_its_objects_without_a_cluster(self):
        def kinds(*more):
            text = self.run_program("controller", "install", "-n", "team", "--site", self.site, "--dry-run=client", *more).stdout
            return text, [line.split()[1] for line in text.splitlines() if line.startswith("kind: ")]

        text, all_kinds = kinds()
        rights = ["ServiceAccount", "Role", "RoleBinding"]
        self.assertEqual(all_kinds, [*rights, "NetworkPolicy", "PodDisruptionBudget", "Deployment"])
        self.assertIn("image: bank/raykeep:1", text)
        self.assertEqual(kinds("--rights-only")[1], rights)
        self.assertEqual(kinds("--service-account", "ray")[1], all_kinds[3:])
        self.assertEqual(self.run_program("controller", "install", "-n", "team", "-o", "yaml", "--site", self.site).stdout, text)

    def test_controller_install_refuses_an_address_that_no_policy_takes(self):
        said = self.run_program("controller", "install", "-n", "team", "--redis", "10.0.0.1", exits=2).stderr
        self.assertIn("10.0.0.1/32", said)

    # --- render

    def test_render_gives_the_same_bytes_twice_in_the_order_to_apply(self):
        args = ("render", "-f", self.cluster, "--site", self.site, "-n", "ray")
        first = self.run_program(*args).stdout
        self.assertEqual(first, self.run_program(*args).stdout)
        kinds = [line.split()[1] for line in first.splitlines() if line.startswith("kind: ")]
        self.assertEqual(kinds[0], "ConfigMap")
        self.assertLess(kinds.index("NetworkPolicy"), kinds.index("StatefulSet"))
        self.assertIn("Secret demo", first.splitlines()[0])
        self.assertTrue(first.startswith("#"))

    def test_render_with_a_token_holds_the_secret_and_no_hint(self):
        token = self.file("token", "s3cr3t\n")
        text = self.run_program("render", "-f", self.cluster, "--site", self.site, "--token-file", token).stdout
        self.assertIn("kind: Secret", text)
        self.assertIn("s3cr3t\n", text)
        self.assertNotIn("#", text.splitlines()[0])
        self.run_program("render", "-f", self.cluster, "--token-file", self.file("empty", ""), exits=1)
        self.run_program("render", "-f", self.cluster, "--token-file", str(self.folder / "none"), exits=1)

    def test_render_as_json_is_a_list(self):
        made = json.loads(self.run_program("render", "-f", self.cluster, "--site", self.site, "-o", "json").stdout)
        self.assertEqual(made["kind"], "List")
        self.assertGreater(len(made["items"]), 6)

    def test_findings_keep_render_and_up_from_doing_anything(self):
        bad = self.file("bad.yaml", CLUSTER.replace("replicas: 1\n", "replicas: many\n", 1))
        for command in ("render", "up", "diff"):
            done = self.run_program(command, "-f", bad, exits=3)
            self.assertEqual(done.stdout, "")
            self.assertIn("RK", done.stderr)

    # --- the rest

    def test_without_a_cluster_to_talk_to_the_error_is_one_sentence(self):
        for args in (["status"], ["up", "-f", self.cluster], ["down", "demo"], ["connect"]):
            done = self.run_program(*args, exits=1)
            self.assertTrue(done.stderr.splitlines()[-1].startswith("error: "), done.stderr)

    def test_a_server_that_does_not_answer_is_named(self):
        config = self.file("config", json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "clusters": [{"name": "k", "cluster": {"server": "https://127.0.0.1:1"}}], "users": [{"name": "u", "user": {"token": "t"}}],
            "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u", "namespace": "ray"}}]}))
        done = self.run_program("status", "--kubeconfig", config, "--request-timeout", "2s", exits=1)
        self.assertIn("127.0.0.1:1", done.stderr)

    def test_schemas_are_json(self):
        for kind in ("raycluster", "site", "RayCluster"):
            self.assertIn("$schema", json.loads(self.run_program("schema", kind).stdout))

    def test_completion_scripts_are_understood_by_their_shells(self):
        for shell in ("bash", "zsh", "fish"):
            text = self.run_program("completion", shell).stdout
            self.assertIn("--site", text) if shell != "fish" else self.assertIn("-l site", text)
        script = self.run_program("completion", "bash").stdout
        probe = script + '\nCOMP_WORDS=(raykeep st); COMP_CWORD=1; _raykeep; echo "${COMPREPLY[@]}"\n' \
                         'COMP_WORDS=(raykeep check -o ""); COMP_CWORD=3; _raykeep; echo "${COMPREPLY[@]}"\n'
        done = subprocess.run(["bash"], input=probe, capture_output=True, text=True, timeout=20, check=True)
        self.assertEqual(done.stdout.splitlines(), ["status", "text json"])

    def test_version_says_which_ray_it_knows(self):
        self.assertIn("Ray >=2.41", self.run_program("version").stdout)
        self.assertIn("version", json.loads(self.run_program("version", "--client", "-o", "json").stdout)["clientVersion"])

    def test_lost_output_is_a_failure(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([RAYKEEP, "version"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=20)
        self.assertEqual(done.returncode, 1)
        self.assertIn("standard output", done.stderr)

    def test_ctrl_c_ends_with_130_and_says_how_to_go_on(self):
        import socket
        with socket.socket() as silent:  # accepts and never answers
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            config = self.file("config", json.dumps({
                "apiVersion": "v1", "kind": "Config", "current-context": "c",
                "clusters": [{"name": "k", "cluster": {"server": f"http://127.0.0.1:{silent.getsockname()[1]}"}}],
                "users": [{"name": "u", "user": {}}], "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u", "namespace": "ray"}}]}))
            running = subprocess.Popen([RAYKEEP, "up", "-f", self.cluster, "--kubeconfig", config], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            silent.settimeout(20)
            connection, _ = silent.accept()  # it is waiting for an answer now
            running.send_signal(signal.SIGINT)
            _, error = running.communicate(timeout=20)
            connection.close()
        self.assertEqual(running.returncode, 130, error)
        self.assertIn("goes on from here", error)

    def test_colours_are_for_terminals_only(self):
        bad = self.file("bad.yaml", "a: 1\n")
        self.assertNotIn("\x1b", self.run_program("check", "-f", bad, exits=3, TERM="xterm").stdout)


if __name__ == "__main__":
    RAYKEEP = os.path.abspath(sys.argv.pop(1))
    unittest.main()
