// The fields of the kinds that are read, with their types. Made by tools/generate-schema.ts from kubernetes-models
// 5.1.0; do not edit. A line has a type and its fields as NAME:TYPE, where NAME! is required and TYPE is s (string),
// b (boolean), i (int32), l (int64), n (number), x (int32 or string), q (quantity), t (time), o (anything), the name of
// a type, [TYPE (a list) or {TYPE (a mapping from strings); =A|B lists the values of a string.

/** The table; src/objects/schema/schema.ts reads it. */
export const SCHEMA_TABLE = `
Service apiVersion!:s kind!:s metadata:ObjectMeta spec:ServiceSpec status:ServiceStatus
Endpoints apiVersion!:s kind!:s metadata:ObjectMeta subsets:[EndpointSubset
Pod apiVersion!:s kind!:s metadata:ObjectMeta spec:PodSpec status:PodStatus
Namespace apiVersion!:s kind!:s metadata:ObjectMeta spec:NamespaceSpec status:NamespaceStatus
Node apiVersion!:s kind!:s metadata:ObjectMeta spec:NodeSpec status:NodeStatus
ReplicationController apiVersion!:s kind!:s metadata:ObjectMeta spec:ReplicationControllerSpec
 status:ReplicationControllerStatus
PersistentVolumeClaim apiVersion!:s kind!:s metadata:ObjectMeta spec:PersistentVolumeClaimSpec
 status:PersistentVolumeClaimStatus
DiscoveryV1EndpointSlice addressType!:s=FQDN|IPv4|IPv6 apiVersion!:s endpoints:[DiscoveryV1Endpoint kind!:s
 metadata:ObjectMeta ports:[DiscoveryV1EndpointPort
AppsV1Deployment apiVersion!:s kind!:s metadata:ObjectMeta spec:AppsV1DeploymentSpec status:AppsV1DeploymentStatus
AppsV1StatefulSet apiVersion!:s kind!:s metadata:ObjectMeta spec:AppsV1StatefulSetSpec status:AppsV1StatefulSetStatus
AppsV1ReplicaSet apiVersion!:s kind!:s metadata:ObjectMeta spec:AppsV1ReplicaSetSpec status:AppsV1ReplicaSetStatus
AppsV1DaemonSet apiVersion!:s kind!:s metadata:ObjectMeta spec:AppsV1DaemonSetSpec status:AppsV1DaemonSetStatus
BatchV1Job apiVersion!:s kind!:s metadata:ObjectMeta spec:BatchV1JobSpec status:BatchV1JobStatus
BatchV1CronJob apiVersion!:s kind!:s metadata:ObjectMeta spec!:BatchV1CronJobSpec status:BatchV1CronJobStatus
ObjectMeta annotations:{s creationTimestamp:t deletionGracePeriodSeconds:l deletionTimestamp:t finalizers:[s
 generateName:s generation:l labels:{s managedFields:[ManagedFieldsEntry name:s namespace:s
 ownerReferences:[OwnerReference resourceVersion:s selfLink:s uid:s
ServiceSpec allocateLoadBalancerNodePorts:b clusterIP:s clusterIPs:[s externalIPs:[s externalName:s
 externalTrafficPolicy:s=Cluster|Local healthCheckNodePort:i internalTrafficPolicy:s=Cluster|Local
 ipFamilies:[s=IPv4|IPv6 ipFamilyPolicy:s=PreferDualStack|RequireDualStack|SingleStack loadBalancerClass:s
 loadBalancerIP:s loadBalancerSourceRanges:[s ports:[ServicePort publishNotReadyAddresses:b selector:{s
 sessionAffinity:s=ClientIP|None sessionAffinityConfig:SessionAffinityConfig trafficDistribution:s
 type:s=ClusterIP|ExternalName|LoadBalancer|NodePort
ServiceStatus conditions:[Condition loadBalancer:LoadBalancerStatus
EndpointSubset addresses:[EndpointAddress notReadyAddresses:[EndpointAddress ports:[EndpointPort
PodSpec activeDeadlineSeconds:l affinity:Affinity automountServiceAccountToken:b containers!:[Container
 dnsConfig:PodDNSConfig dnsPolicy:s=ClusterFirst|ClusterFirstWithHostNet|Default|None enableServiceLinks:b
 ephemeralContainers:[EphemeralContainer hostAliases:[HostAlias hostIPC:b hostNetwork:b hostPID:b hostUsers:b
 hostname:s hostnameOverride:s imagePullSecrets:[LocalObjectReference initContainers:[Container nodeName:s
 nodeSelector:{s os:PodOS overhead:{q preemptionPolicy:s=Never|PreemptLowerPriority priority:i priorityClassName:s
 readinessGates:[PodReadinessGate resourceClaims:[PodResourceClaim resources:ResourceRequirements
 restartPolicy:s=Always|Never|OnFailure runtimeClassName:s schedulerName:s schedulingGates:[PodSchedulingGate
 schedulingGroup:PodSchedulingGroup securityContext:PodSecurityContext serviceAccount:s serviceAccountName:s
 setHostnameAsFQDN:b shareProcessNamespace:b subdomain:s terminationGracePeriodSeconds:l tolerations:[Toleration
 topologySpreadConstraints:[TopologySpreadConstraint volumes:[Volume
PodStatus allocatedResources:{q conditions:[PodCondition containerStatuses:[ContainerStatus
 ephemeralContainerStatuses:[ContainerStatus extendedResourceClaimStatus:PodExtendedResourceClaimStatus hostIP:s
 hostIPs:[HostIP initContainerStatuses:[ContainerStatus message:s
 nodeAllocatableResourceClaimStatuses:[NodeAllocatableResourceClaimStatus nominatedNodeName:s observedGeneration:l
 phase:s=Failed|Pending|Running|Succeeded|Unknown podIP:s podIPs:[PodIP qosClass:s=BestEffort|Burstable|Guaranteed
 reason:s resize:s resourceClaimStatuses:[PodResourceClaimStatus resources:ResourceRequirements startTime:t
NamespaceSpec finalizers:[s
NamespaceStatus conditions:[NamespaceCondition phase:s=Active|Terminating
NodeSpec configSource:NodeConfigSource externalID:s podCIDR:s podCIDRs:[s providerID:s taints:[Taint unschedulable:b
NodeStatus addresses:[NodeAddress allocatable:{q capacity:{q conditions:[NodeCondition config:NodeConfigStatus
 daemonEndpoints:NodeDaemonEndpoints declaredFeatures:[s features:NodeFeatures images:[ContainerImage
 nodeInfo:NodeSystemInfo phase:s=Pending|Running|Terminated runtimeHandlers:[NodeRuntimeHandler
 volumesAttached:[AttachedVolume volumesInUse:[s
ReplicationControllerSpec minReadySeconds:i replicas:i selector:{s template:PodTemplateSpec
ReplicationControllerStatus availableReplicas:i conditions:[ReplicationControllerCondition fullyLabeledReplicas:i
 observedGeneration:l readyReplicas:i replicas!:i
PersistentVolumeClaimSpec accessModes:[s=ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod
 dataSource:TypedLocalObjectReference dataSourceRef:TypedObjectReference resources:VolumeResourceRequirements
 selector:LabelSelector storageClassName:s volumeAttributesClassName:s volumeMode:s=Block|Filesystem volumeName:s
PersistentVolumeClaimStatus accessModes:[s=ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod
 allocatedResourceStatuses:{s allocatedResources:{q capacity:{q conditions:[PersistentVolumeClaimCondition
 currentVolumeAttributesClassName:s modifyVolumeStatus:ModifyVolumeStatus phase:s=Bound|Lost|Pending
DiscoveryV1Endpoint addresses!:[s conditions:DiscoveryV1EndpointConditions deprecatedTopology:{s
 hints:DiscoveryV1EndpointHints hostname:s nodeName:s targetRef:ObjectReference zone:s
DiscoveryV1EndpointPort appProtocol:s name:s port:i protocol:s=SCTP|TCP|UDP
AppsV1DeploymentSpec minReadySeconds:i paused:b progressDeadlineSeconds:i replicas:i revisionHistoryLimit:i
 selector!:LabelSelector strategy:AppsV1DeploymentStrategy template!:PodTemplateSpec
AppsV1DeploymentStatus availableReplicas:i collisionCount:i conditions:[AppsV1DeploymentCondition observedGeneration:l
 readyReplicas:i replicas:i terminatingReplicas:i unavailableReplicas:i updatedReplicas:i
AppsV1StatefulSetSpec minReadySeconds:i ordinals:AppsV1StatefulSetOrdinals
 persistentVolumeClaimRetentionPolicy:AppsV1StatefulSetPersistentVolumeClaimRetentionPolicy
 podManagementPolicy:s=OrderedReady|Parallel replicas:i revisionHistoryLimit:i selector!:LabelSelector serviceName:s
 template!:PodTemplateSpec updateStrategy:AppsV1StatefulSetUpdateStrategy volumeClaimTemplates:[PersistentVolumeClaim
AppsV1StatefulSetStatus availableReplicas:i collisionCount:i conditions:[AppsV1StatefulSetCondition currentReplicas:i
 currentRevision:s observedGeneration:l readyReplicas:i replicas!:i updateRevision:s updatedReplicas:i
AppsV1ReplicaSetSpec minReadySeconds:i replicas:i selector!:LabelSelector template:PodTemplateSpec
AppsV1ReplicaSetStatus availableReplicas:i conditions:[AppsV1ReplicaSetCondition fullyLabeledReplicas:i
 observedGeneration:l readyReplicas:i replicas!:i terminatingReplicas:i
AppsV1DaemonSetSpec minReadySeconds:i revisionHistoryLimit:i selector!:LabelSelector template!:PodTemplateSpec
 updateStrategy:AppsV1DaemonSetUpdateStrategy
AppsV1DaemonSetStatus collisionCount:i conditions:[AppsV1DaemonSetCondition currentNumberScheduled!:i
 desiredNumberScheduled!:i numberAvailable:i numberMisscheduled!:i numberReady!:i numberUnavailable:i
 observedGeneration:l updatedNumberScheduled:i
BatchV1JobSpec activeDeadlineSeconds:l backoffLimit:i backoffLimitPerIndex:i completionMode:s=Indexed|NonIndexed
 completions:i managedBy:s manualSelector:b maxFailedIndexes:i parallelism:i podFailurePolicy:BatchV1PodFailurePolicy
 podReplacementPolicy:s=Failed|TerminatingOrFailed selector:LabelSelector successPolicy:BatchV1SuccessPolicy suspend:b
 template!:PodTemplateSpec ttlSecondsAfterFinished:i
BatchV1JobStatus active:i completedIndexes:s completionTime:t conditions:[BatchV1JobCondition failed:i failedIndexes:s
 ready:i startTime:t succeeded:i terminating:i uncountedTerminatedPods:BatchV1UncountedTerminatedPods
BatchV1CronJobSpec concurrencyPolicy:s=Allow|Forbid|Replace failedJobsHistoryLimit:i
 jobTemplate!:BatchV1JobTemplateSpec schedule!:s startingDeadlineSeconds:l successfulJobsHistoryLimit:i suspend:b
 timeZone:s
BatchV1CronJobStatus active:[ObjectReference lastScheduleTime:t lastSuccessfulTime:t
ManagedFieldsEntry apiVersion:s fieldsType:s fieldsV1:o manager:s operation:s subresource:s time:t
OwnerReference apiVersion!:s blockOwnerDeletion:b controller:b kind!:s name!:s uid!:s
ServicePort appProtocol:s name:s nodePort:i port!:i protocol:s=SCTP|TCP|UDP targetPort:x
SessionAffinityConfig clientIP:ClientIPConfig
Condition lastTransitionTime!:t message!:s observedGeneration:l reason!:s status!:s type!:s
LoadBalancerStatus ingress:[LoadBalancerIngress
EndpointAddress hostname:s ip!:s nodeName:s targetRef:ObjectReference
EndpointPort appProtocol:s name:s port!:i protocol:s=SCTP|TCP|UDP
Affinity nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAntiAffinity
Container args:[s command:[s env:[EnvVar envFrom:[EnvFromSource image:s imagePullPolicy:s=Always|IfNotPresent|Never
 lifecycle:Lifecycle livenessProbe:Probe name!:s ports:[ContainerPort readinessProbe:Probe
 resizePolicy:[ContainerResizePolicy resources:ResourceRequirements restartPolicy:s
 restartPolicyRules:[ContainerRestartRule securityContext:SecurityContext startupProbe:Probe stdin:b stdinOnce:b
 terminationMessagePath:s terminationMessagePolicy:s=FallbackToLogsOnError|File tty:b volumeDevices:[VolumeDevice
 volumeMounts:[VolumeMount workingDir:s
PodDNSConfig nameservers:[s options:[PodDNSConfigOption searches:[s
EphemeralContainer args:[s command:[s env:[EnvVar envFrom:[EnvFromSource image:s
 imagePullPolicy:s=Always|IfNotPresent|Never lifecycle:Lifecycle livenessProbe:Probe name!:s ports:[ContainerPort
 readinessProbe:Probe resizePolicy:[ContainerResizePolicy resources:ResourceRequirements restartPolicy:s
 restartPolicyRules:[ContainerRestartRule securityContext:SecurityContext startupProbe:Probe stdin:b stdinOnce:b
 targetContainerName:s terminationMessagePath:s terminationMessagePolicy:s=FallbackToLogsOnError|File tty:b
 volumeDevices:[VolumeDevice volumeMounts:[VolumeMount workingDir:s
HostAlias hostnames:[s ip!:s
LocalObjectReference name:s
PodOS name!:s
PodReadinessGate conditionType!:s
PodResourceClaim name!:s resourceClaimName:s resourceClaimTemplateName:s
ResourceRequirements claims:[ResourceClaim limits:{q requests:{q
PodSchedulingGate name!:s
PodSchedulingGroup podGroupName:s
PodSecurityContext appArmorProfile:AppArmorProfile fsGroup:l fsGroupChangePolicy:s=Always|OnRootMismatch runAsGroup:l
 runAsNonRoot:b runAsUser:l seLinuxChangePolicy:s seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile
 supplementalGroups:[l supplementalGroupsPolicy:s=Merge|Strict sysctls:[Sysctl
 windowsOptions:WindowsSecurityContextOptions
Toleration effect:s=NoExecute|NoSchedule|PreferNoSchedule key:s operator:s=Equal|Exists|Gt|Lt tolerationSeconds:l
 value:s
TopologySpreadConstraint labelSelector:LabelSelector matchLabelKeys:[s maxSkew!:i minDomains:i
 nodeAffinityPolicy:s=Honor|Ignore nodeTaintsPolicy:s=Honor|Ignore topologyKey!:s
 whenUnsatisfiable!:s=DoNotSchedule|ScheduleAnyway
Volume awsElasticBlockStore:AWSElasticBlockStoreVolumeSource azureDisk:AzureDiskVolumeSource
 azureFile:AzureFileVolumeSource cephfs:CephFSVolumeSource cinder:CinderVolumeSource configMap:ConfigMapVolumeSource
 csi:CSIVolumeSource downwardAPI:DownwardAPIVolumeSource emptyDir:EmptyDirVolumeSource ephemeral:EphemeralVolumeSource
 fc:FCVolumeSource flexVolume:FlexVolumeSource flocker:FlockerVolumeSource
 gcePersistentDisk:GCEPersistentDiskVolumeSource gitRepo:GitRepoVolumeSource glusterfs:GlusterfsVolumeSource
 hostPath:HostPathVolumeSource image:ImageVolumeSource iscsi:ISCSIVolumeSource name!:s nfs:NFSVolumeSource
 persistentVolumeClaim:PersistentVolumeClaimVolumeSource photonPersistentDisk:PhotonPersistentDiskVolumeSource
 portworxVolume:PortworxVolumeSource projected:ProjectedVolumeSource quobyte:QuobyteVolumeSource rbd:RBDVolumeSource
 scaleIO:ScaleIOVolumeSource secret:SecretVolumeSource storageos:StorageOSVolumeSource
 vsphereVolume:VsphereVirtualDiskVolumeSource
PodCondition lastProbeTime:t lastTransitionTime:t message:s observedGeneration:l reason:s status!:s type!:s
ContainerStatus allocatedResources:{q allocatedResourcesStatus:[ResourceStatus containerID:s image!:s imageID!:s
 lastState:ContainerState name!:s ready!:b resources:ResourceRequirements restartCount!:i started:b
 state:ContainerState stopSignal:s user:ContainerUser volumeMounts:[VolumeMountStatus
PodExtendedResourceClaimStatus requestMappings!:[ContainerExtendedResourceRequest resourceClaimName!:s
HostIP ip!:s
NodeAllocatableResourceClaimStatus containers:[s resourceClaimName!:s resources!:{q
PodIP ip!:s
PodResourceClaimStatus name!:s resourceClaimName:s
NamespaceCondition lastTransitionTime:t message:s reason:s status!:s type!:s
NodeConfigSource configMap:ConfigMapNodeConfigSource
Taint effect!:s=NoExecute|NoSchedule|PreferNoSchedule key!:s timeAdded:t value:s
NodeAddress address!:s type!:s
NodeCondition lastHeartbeatTime:t lastTransitionTime:t message:s reason:s status!:s type!:s
NodeConfigStatus active:NodeConfigSource assigned:NodeConfigSource error:s lastKnownGood:NodeConfigSource
NodeDaemonEndpoints kubeletEndpoint:DaemonEndpoint
NodeFeatures supplementalGroupsPolicy:b
ContainerImage names:[s sizeBytes:l
NodeSystemInfo architecture!:s bootID!:s containerRuntimeVersion!:s kernelVersion!:s kubeProxyVersion!:s
 kubeletVersion!:s machineID!:s operatingSystem!:s osImage!:s swap:NodeSwapStatus systemUUID!:s
NodeRuntimeHandler features:NodeRuntimeHandlerFeatures name:s
AttachedVolume devicePath!:s name!:s
PodTemplateSpec metadata:ObjectMeta spec:PodSpec
ReplicationControllerCondition lastTransitionTime:t message:s reason:s status!:s type!:s
TypedLocalObjectReference apiGroup:s kind!:s name!:s
TypedObjectReference apiGroup:s kind!:s name!:s namespace:s
VolumeResourceRequirements limits:{q requests:{q
LabelSelector matchExpressions:[LabelSelectorRequirement matchLabels:{s
PersistentVolumeClaimCondition lastProbeTime:t lastTransitionTime:t message:s reason:s status!:s type!:s
ModifyVolumeStatus status!:s=InProgress|Infeasible|Pending targetVolumeAttributesClassName:s
DiscoveryV1EndpointConditions ready:b serving:b terminating:b
DiscoveryV1EndpointHints forNodes:[DiscoveryV1ForNode forZones:[DiscoveryV1ForZone
ObjectReference apiVersion:s fieldPath:s kind:s name:s namespace:s resourceVersion:s uid:s
AppsV1DeploymentStrategy rollingUpdate:AppsV1RollingUpdateDeployment type:s=Recreate|RollingUpdate
AppsV1DeploymentCondition lastTransitionTime:t lastUpdateTime:t message:s reason:s status!:s type!:s
AppsV1StatefulSetOrdinals start:i
AppsV1StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted:s whenScaled:s
AppsV1StatefulSetUpdateStrategy rollingUpdate:AppsV1RollingUpdateStatefulSetStrategy type:s=OnDelete|RollingUpdate
AppsV1StatefulSetCondition lastTransitionTime:t message:s reason:s status!:s type!:s
AppsV1ReplicaSetCondition lastTransitionTime:t message:s reason:s status!:s type!:s
AppsV1DaemonSetUpdateStrategy rollingUpdate:AppsV1RollingUpdateDaemonSet type:s=OnDelete|RollingUpdate
AppsV1DaemonSetCondition lastTransitionTime:t message:s reason:s status!:s type!:s
BatchV1PodFailurePolicy rules!:[BatchV1PodFailurePolicyRule
BatchV1SuccessPolicy rules!:[BatchV1SuccessPolicyRule
BatchV1JobCondition lastProbeTime:t lastTransitionTime:t message:s reason:s status!:s type!:s
BatchV1UncountedTerminatedPods failed:[s succeeded:[s
BatchV1JobTemplateSpec metadata:ObjectMeta spec:BatchV1JobSpec
ClientIPConfig timeoutSeconds:i
LoadBalancerIngress hostname:s ip:s ipMode:s ports:[PortStatus
NodeAffinity preferredDuringSchedulingIgnoredDuringExecution:[PreferredSchedulingTerm
 requiredDuringSchedulingIgnoredDuringExecution:NodeSelector
PodAffinity preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm
 requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm
PodAntiAffinity preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm
 requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm
EnvVar name!:s value:s valueFrom:EnvVarSource
EnvFromSource configMapRef:ConfigMapEnvSource prefix:s secretRef:SecretEnvSource
Lifecycle postStart:LifecycleHandler preStop:LifecycleHandler stopSignal:s
Probe exec:ExecAction failureThreshold:i grpc:GRPCAction httpGet:HTTPGetAction initialDelaySeconds:i periodSeconds:i
 successThreshold:i tcpSocket:TCPSocketAction terminationGracePeriodSeconds:l timeoutSeconds:i
ContainerPort containerPort!:i hostIP:s hostPort:i name:s protocol:s=SCTP|TCP|UDP
ContainerResizePolicy resourceName!:s restartPolicy!:s
ContainerRestartRule action!:s exitCodes:ContainerRestartRuleOnExitCodes
SecurityContext allowPrivilegeEscalation:b appArmorProfile:AppArmorProfile capabilities:Capabilities privileged:b
 procMount:s=Default|Unmasked readOnlyRootFilesystem:b runAsGroup:l runAsNonRoot:b runAsUser:l
 seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile windowsOptions:WindowsSecurityContextOptions
VolumeDevice devicePath!:s name!:s
VolumeMount mountPath!:s mountPropagation:s=Bidirectional|HostToContainer|None name!:s readOnly:b recursiveReadOnly:s
 subPath:s subPathExpr:s
PodDNSConfigOption name:s value:s
ResourceClaim name!:s request:s
AppArmorProfile localhostProfile:s type!:s=Localhost|RuntimeDefault|Unconfined
SELinuxOptions level:s role:s type:s user:s
SeccompProfile localhostProfile:s type!:s=Localhost|RuntimeDefault|Unconfined
Sysctl name!:s value!:s
WindowsSecurityContextOptions gmsaCredentialSpec:s gmsaCredentialSpecName:s hostProcess:b runAsUserName:s
AWSElasticBlockStoreVolumeSource fsType:s partition:i readOnly:b volumeID!:s
AzureDiskVolumeSource cachingMode:s=None|ReadOnly|ReadWrite diskName!:s diskURI!:s fsType:s kind:s readOnly:b
AzureFileVolumeSource readOnly:b secretName!:s shareName!:s
CephFSVolumeSource monitors!:[s path:s readOnly:b secretFile:s secretRef:LocalObjectReference user:s
CinderVolumeSource fsType:s readOnly:b secretRef:LocalObjectReference volumeID!:s
ConfigMapVolumeSource defaultMode:i items:[KeyToPath name:s optional:b
CSIVolumeSource driver!:s fsType:s nodePublishSecretRef:LocalObjectReference readOnly:b volumeAttributes:{s
DownwardAPIVolumeSource defaultMode:i items:[DownwardAPIVolumeFile
EmptyDirVolumeSource medium:s sizeLimit:q
EphemeralVolumeSource volumeClaimTemplate:PersistentVolumeClaimTemplate
FCVolumeSource fsType:s lun:i readOnly:b targetWWNs:[s wwids:[s
FlexVolumeSource driver!:s fsType:s options:{s readOnly:b secretRef:LocalObjectReference
FlockerVolumeSource datasetName:s datasetUUID:s
GCEPersistentDiskVolumeSource fsType:s partition:i pdName!:s readOnly:b
GitRepoVolumeSource directory:s repository!:s revision:s
GlusterfsVolumeSource endpoints!:s path!:s readOnly:b
HostPathVolumeSource path!:s type:s=BlockDevice|CharDevice|Directory|DirectoryOrCreate|File|FileOrCreate|Socket
ImageVolumeSource pullPolicy:s=Always|IfNotPresent|Never reference:s
ISCSIVolumeSource chapAuthDiscovery:b chapAuthSession:b fsType:s initiatorName:s iqn!:s iscsiInterface:s lun!:i
 portals:[s readOnly:b secretRef:LocalObjectReference targetPortal!:s
NFSVolumeSource path!:s readOnly:b server!:s
PersistentVolumeClaimVolumeSource claimName!:s readOnly:b
PhotonPersistentDiskVolumeSource fsType:s pdID!:s
PortworxVolumeSource fsType:s readOnly:b volumeID!:s
ProjectedVolumeSource defaultMode:i sources:[VolumeProjection
QuobyteVolumeSource group:s readOnly:b registry!:s tenant:s user:s volume!:s
RBDVolumeSource fsType:s image!:s keyring:s monitors!:[s pool:s readOnly:b secretRef:LocalObjectReference user:s
ScaleIOVolumeSource fsType:s gateway!:s protectionDomain:s readOnly:b secretRef!:LocalObjectReference sslEnabled:b
 storageMode:s storagePool:s system!:s volumeName:s
SecretVolumeSource defaultMode:i items:[KeyToPath optional:b secretName:s
StorageOSVolumeSource fsType:s readOnly:b secretRef:LocalObjectReference volumeName:s volumeNamespace:s
VsphereVirtualDiskVolumeSource fsType:s storagePolicyID:s storagePolicyName:s volumePath!:s
ResourceStatus name!:s resources:[ResourceHealth
ContainerState running:ContainerStateRunning terminated:ContainerStateTerminated waiting:ContainerStateWaiting
ContainerUser linux:LinuxContainerUser
VolumeMountStatus mountPath!:s name!:s readOnly:b recursiveReadOnly:s volumeStatus:VolumeStatus
ContainerExtendedResourceRequest containerName!:s requestName!:s resourceName!:s
ConfigMapNodeConfigSource kubeletConfigKey!:s name!:s namespace!:s resourceVersion:s uid:s
DaemonEndpoint Port!:i
NodeSwapStatus capacity:l
NodeRuntimeHandlerFeatures recursiveReadOnlyMounts:b userNamespaces:b
LabelSelectorRequirement key!:s operator!:s values:[s
DiscoveryV1ForNode name!:s
DiscoveryV1ForZone name!:s
AppsV1RollingUpdateDeployment maxSurge:x maxUnavailable:x
AppsV1RollingUpdateStatefulSetStrategy maxUnavailable:x partition:i
AppsV1RollingUpdateDaemonSet maxSurge:x maxUnavailable:x
BatchV1PodFailurePolicyRule action!:s=Count|FailIndex|FailJob|Ignore
 onExitCodes:BatchV1PodFailurePolicyOnExitCodesRequirement
 onPodConditions:[BatchV1PodFailurePolicyOnPodConditionsPattern
BatchV1SuccessPolicyRule succeededCount:i succeededIndexes:s
PortStatus error:s port!:i protocol!:s=SCTP|TCP|UDP
PreferredSchedulingTerm preference!:NodeSelectorTerm weight!:i
NodeSelector nodeSelectorTerms!:[NodeSelectorTerm
WeightedPodAffinityTerm podAffinityTerm!:PodAffinityTerm weight!:i
PodAffinityTerm labelSelector:LabelSelector matchLabelKeys:[s mismatchLabelKeys:[s namespaceSelector:LabelSelector
 namespaces:[s topologyKey!:s
EnvVarSource configMapKeyRef:ConfigMapKeySelector fieldRef:ObjectFieldSelector fileKeyRef:FileKeySelector
 resourceFieldRef:ResourceFieldSelector secretKeyRef:SecretKeySelector
ConfigMapEnvSource name:s optional:b
SecretEnvSource name:s optional:b
LifecycleHandler exec:ExecAction httpGet:HTTPGetAction sleep:SleepAction tcpSocket:TCPSocketAction
ExecAction command:[s
GRPCAction port!:i service:s
HTTPGetAction host:s httpHeaders:[HTTPHeader path:s port!:x scheme:s=HTTP|HTTPS
TCPSocketAction host:s port!:x
ContainerRestartRuleOnExitCodes operator!:s values:[l
Capabilities add:[s drop:[s
KeyToPath key!:s mode:i path!:s
DownwardAPIVolumeFile fieldRef:ObjectFieldSelector mode:i path!:s resourceFieldRef:ResourceFieldSelector
PersistentVolumeClaimTemplate metadata:ObjectMeta spec!:PersistentVolumeClaimSpec
VolumeProjection clusterTrustBundle:ClusterTrustBundleProjection configMap:ConfigMapProjection
 downwardAPI:DownwardAPIProjection podCertificate:PodCertificateProjection secret:SecretProjection
 serviceAccountToken:ServiceAccountTokenProjection
ResourceHealth health:s message:s resourceID!:s
ContainerStateRunning startedAt:t
ContainerStateTerminated containerID:s exitCode!:i finishedAt:t message:s reason:s signal:i startedAt:t
ContainerStateWaiting message:s reason:s
LinuxContainerUser gid!:l supplementalGroups:[l uid!:l
VolumeStatus image:ImageVolumeStatus
BatchV1PodFailurePolicyOnExitCodesRequirement containerName:s operator!:s=In|NotIn values!:[l
BatchV1PodFailurePolicyOnPodConditionsPattern status:s type!:s
NodeSelectorTerm matchExpressions:[NodeSelectorRequirement matchFields:[NodeSelectorRequirement
ConfigMapKeySelector key!:s name:s optional:b
ObjectFieldSelector apiVersion:s fieldPath!:s
FileKeySelector key!:s optional:b path!:s volumeName!:s
ResourceFieldSelector containerName:s divisor:q resource!:s
SecretKeySelector key!:s name:s optional:b
SleepAction seconds!:l
HTTPHeader name!:s value!:s
ClusterTrustBundleProjection labelSelector:LabelSelector name:s optional:b path!:s signerName:s
ConfigMapProjection items:[KeyToPath name:s optional:b
DownwardAPIProjection items:[DownwardAPIVolumeFile
PodCertificateProjection certificateChainPath:s credentialBundlePath:s keyPath:s keyType!:s maxExpirationSeconds:i
 signerName!:s userAnnotations:{s
SecretProjection items:[KeyToPath name:s optional:b
ServiceAccountTokenProjection audience:s expirationSeconds:l path!:s
ImageVolumeStatus imageRef!:s
NodeSelectorRequirement key!:s operator!:s=DoesNotExist|Exists|Gt|In|Lt|NotIn values:[s
`;
